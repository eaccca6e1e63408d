// Search over names and aliases, with completion.

const MOST_FOUND = 10;

const forms = nodes.map((node) => [node.name, ...(node.aliases || [])].map((form) => form.toLowerCase()));
let found = []; // [[node, which of its forms]]
let active = -1;

/** How well a form fits: 0 the same, 1 begins with it, 2 a word of it does, 3 has it; null not at all. */
function grade(form, text) {
  const at = form.indexOf(text);
  if (at < 0) return null;
  if (at === 0) return form.length === text.length ? 0 : 1;
  return /[\p{L}\p{N}]/u.test(form[at - 1]) ? 3 : 2;
}

function find(text) {
  const hits = [];
  for (const i of byImportance) {
    let best = null;
    forms[i].forEach((form, k) => {
      const its = grade(form, text);
      if (its !== null && (best === null || its < best[0])) best = [its, k];
    });
    if (best) hits.push([i, best[1], best[0]]);
  }
  return hits.sort((a, b) => a[2] - b[2]).slice(0, MOST_FOUND);
}

function complete() {
  const text = $('search').value.trim().toLowerCase();
  found = text ? find(text) : [];
  active = found.length ? 0 : -1;
  const options = found.map(([i, form], k) => el('li', {
    id: `found-${k}`, role: 'option', 'aria-selected': k === active,
    onpointerdown: (event) => { event.preventDefault(); take(k); },
  }, icon(LABELS[nodes[i].kind]), el('span', { class: 'kind' }, short(nodes[i].name, 80)),
  form ? el('span', { class: 'alias' }, short(nodes[i].aliases[form - 1], 40)) : null,
  el('span', { class: 'count' }, shownNodes[i] ? (nodes[i].papers || nodes[i].day || '') : 'hidden')));
  if (text && !found.length) options.push(el('li', { class: 'none' }, 'No name has that.'));
  $('results').replaceChildren(...options);
  openResults(Boolean(text));
}

function openResults(open) {
  $('results').hidden = !open;
  $('search').setAttribute('aria-expanded', open);
  if (open && active >= 0) $('search').setAttribute('aria-activedescendant', `found-${active}`);
  else $('search').removeAttribute('aria-activedescendant');
}

function move(by) {
  if (!found.length) return;
  active = (active + by + found.length) % found.length;
  [...$('results').children].forEach((option, k) => option.setAttribute('aria-selected', k === active));
  $(`found-${active}`).scrollIntoView({ block: 'nearest' });
  openResults(true);
}

function take(k) {
  if (!found[k]) return;
  const [i] = found[k];
  $('search').value = '';
  openResults(false);
  $('graph').focus();
  choose(i, { fly: true });
}

function buildSearch() {
  const input = $('search');
  input.addEventListener('input', complete);
  input.addEventListener('focus', () => { if (input.value) complete(); });
  input.addEventListener('blur', () => openResults(false));
  input.addEventListener('keydown', (event) => {
    const act = { ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: () => take(active) }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
