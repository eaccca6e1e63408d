// The slider over time: which papers are shown, by month, or by day where all lie within two months.

const MOST_DAYS = 62;

const days = [...new Set(nodes.map((node) => node.day).filter(Boolean))].sort();
const span = days.length ? (Date.parse(days.at(-1)) - Date.parse(days[0])) / 86_400_000 : 0;
const unit = span > MOST_DAYS ? 7 : 10; // characters of a date: 2026-01 or 2026-01-31
const steps = [...new Set(days.map((day) => day.slice(0, unit)))];

const inSpan = (day) => Boolean(day) && (!state.from || day.slice(0, unit) >= state.from) && (!state.to || day.slice(0, unit) <= state.to);

function buildTime() {
  if (steps.length < 2) return;
  $('time').hidden = false;
  const counts = new Map(steps.map((step) => [step, 0]));
  for (const { day } of nodes) if (day) counts.set(day.slice(0, unit), counts.get(day.slice(0, unit)) + 1);
  const most = Math.max(...counts.values());
  $('bars').replaceChildren(...steps.map((step) => {
    const bar = el('i', { title: `${step}: ${counts.get(step)}` });
    bar.style.height = `${Math.max(4, (100 * counts.get(step)) / most)}%`;
    return bar;
  }));
  for (const id of ['from', 'to']) {
    Object.assign($(id), { min: 0, max: steps.length - 1, step: 1 });
    $(id).addEventListener('input', moveTime);
  }
}

let later = null;

function moveTime({ target }) {
  const [from, to] = [Number($('from').value), Number($('to').value)];
  if (from > to) target.value = target.id === 'from' ? to : from;
  state.from = Number($('from').value) > 0 ? steps[$('from').value] : null;
  state.to = Number($('to').value) < steps.length - 1 ? steps[$('to').value] : null;
  showTime();
  clearTimeout(later);
  later = setTimeout(update, 60);
}

function showTime() {
  if (steps.length < 2) return;
  const first = steps.findIndex((step) => !state.from || step >= state.from);
  const last = steps.findLastIndex((step) => !state.to || step <= state.to);
  $('from').value = first < 0 ? steps.length - 1 : first;
  $('to').value = Math.max(last, 0);
  const [from, to] = [steps[$('from').value], steps[$('to').value]];
  const left = state.from || state.to ? nodes.filter((node, i) => isPaper(i) && !node.day).length : 0;
  $('span').textContent = `${from} – ${to}${left ? `; ${left.toLocaleString()} papers without a date are not shown` : ''}`;
  $('from').setAttribute('aria-valuetext', from);
  $('to').setAttribute('aria-valuetext', to);
  // Where both handles stand at the right end, the left one must be on top, or nothing could be moved any more.
  $('from').style.zIndex = $('from').value > (steps.length - 1) / 2 ? 1 : '';
  [...$('bars').children].forEach((bar, k) => bar.classList.toggle('out', k < $('from').value || k > $('to').value));
}
