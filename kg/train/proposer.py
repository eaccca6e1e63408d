"""Trains the proposer's network on annotated papers.

The state after each epoch lies in ``FOLDER/epochN.pt``, written whole or not at all, so that a run that was interrupted
goes on where it stopped.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from kg.extract.proposer import VOCABULARY, Encoder
from kg.train.batches import IGNORED, Targets, batches, targets, tensors
from kg.train.data import Example
from kg.train.network import Network, pretrained

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is trained, on batches of `batch` windows.

    `masked` is the share of words that are hidden, so that context and shape must do.
    """

    epochs: int = 4
    batch: int = 16
    encoder_rate: float = 1.5e-4
    layer_decay: float = 0.9
    head_rate: float = 8e-4
    weight_decay: float = 0.01
    warm_up: float = 0.1
    masked: float = 0.08
    role_weight: float = 0.3
    named_weight: float = 0.15
    seed: int = 17


def train(papers: Sequence[Example], folder: Path, recipe: Recipe, device: str | None = None) -> Network:
    """A network trained on `papers`; continues from the last epoch in `folder` if the recipe is the same."""
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    network = Network().to(device)
    encoder = Encoder(pretrained() / VOCABULARY)
    windows = [window for paper in papers for window in targets(paper, encoder)]
    steps = recipe.epochs * -(-len(windows) // recipe.batch)
    optimizer = torch.optim.AdamW(_groups(network, recipe), weight_decay=recipe.weight_decay, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _warm_up_then_down(steps, recipe.warm_up))
    done = _resume(folder, recipe, network, optimizer, schedule)
    for epoch in range(done, recipe.epochs):
        start, losses = time.monotonic(), []
        torch.manual_seed(recipe.seed + epoch)
        network.train()
        for step, group in enumerate(batches(windows, recipe.batch, recipe.seed + epoch)):
            loss = _loss(network, group, recipe, device)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            losses.append(loss.item())
            if step % 50 == 49:
                log.info("%s epoch %d step %d loss %.4f", folder.name, epoch + 1, step + 1, sum(losses[-50:]) / 50)
        mean = sum(losses) / max(len(losses), 1)
        log.info("%s epoch %d: loss %.4f, %.0f s", folder.name, epoch + 1, mean, time.monotonic() - start)
        _save(folder, epoch + 1, recipe, network, optimizer, schedule)
    return network.eval()


def _loss(network: Network, group: Sequence[Targets], recipe: Recipe, device: str) -> Tensor:
    inputs, wanted = tensors(group, device)
    inputs["pieces"] = _hide(inputs, recipe.masked)
    # bfloat16 is four times as fast on processors with AMX, and harmless on others.
    with torch.autocast(device, dtype=torch.bfloat16):
        types, roles, named = network(**inputs)
    entity = wanted["named"] != IGNORED
    loss = nn.functional.cross_entropy(types.float().flatten(0, 1), wanted["types"].flatten(), ignore_index=IGNORED)
    if entity.any():
        loss = loss + recipe.role_weight * nn.functional.cross_entropy(roles.float()[entity], wanted["roles"][entity])
        loss = loss + recipe.named_weight * nn.functional.binary_cross_entropy_with_logits(
            named.float()[entity], wanted["named"][entity].float()
        )
    return loss


def _hide(inputs: dict[str, Tensor], share: float) -> Tensor:
    """The pieces, with those of some words replaced by [MASK]."""
    pieces, first, last = inputs["pieces"], inputs["first"], inputs["last"]
    chosen = (torch.rand(first.shape, device=first.device) < share) & (first > 0)
    places = torch.arange(pieces.shape[1], device=pieces.device)
    marks = torch.zeros_like(pieces, dtype=torch.int32)
    paper, _ = chosen.nonzero(as_tuple=True)
    edge = torch.zeros(pieces.shape[0], pieces.shape[1] + 1, dtype=torch.int32, device=pieces.device)
    edge.index_put_((paper, first[chosen]), torch.ones_like(paper, dtype=torch.int32), accumulate=True)
    edge.index_put_((paper, last[chosen] + 1), -torch.ones_like(paper, dtype=torch.int32), accumulate=True)
    marks = edge.cumsum(1)[:, : len(places)]
    return torch.where(marks > 0, MASK, pieces)


MASK = 103  # [MASK] in BERT's uncased vocabulary


def _groups(network: Network, recipe: Recipe) -> list[dict[str, Any]]:
    """Parameters with their rates: the lower a layer of the encoder, the slower it moves."""
    layers = network.encoder.config.num_hidden_layers
    groups: dict[float, list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if name.startswith("encoder."):
            depth = int(name.split(".")[3]) + 1 if name.startswith("encoder.encoder.layer.") else 0
            rate = recipe.encoder_rate * recipe.layer_decay ** (layers - depth)
        else:
            rate = recipe.head_rate
        if parameter.requires_grad:
            groups.setdefault(rate, []).append(parameter)
    return [{"params": parameters, "lr": rate} for rate, parameters in groups.items()]


def _warm_up_then_down(steps: int, warm_up: float) -> Any:
    warm = max(int(steps * warm_up), 1)
    return lambda step: min((step + 1) / warm, max(steps - step, 0) / max(steps - warm, 1))


def _save(folder: Path, epoch: int, recipe: Recipe, network: Network, optimizer: Any, schedule: Any) -> None:
    states = (
        [part.state_dict() for part in (network, optimizer, schedule)]
        if epoch < recipe.epochs
        else [network.state_dict()]
    )
    partial = folder / "partial"
    torch.save({"epoch": epoch, "recipe": asdict(recipe), "states": states}, partial)
    partial.replace(folder / f"epoch{epoch}.pt")
    (folder / f"epoch{epoch - 1}.pt").unlink(missing_ok=True)


def _resume(folder: Path, recipe: Recipe, *parts: Any) -> int:
    """Loads the last epoch's state into `parts`; how many epochs are done."""
    for epoch in range(recipe.epochs, 0, -1):
        path = folder / f"epoch{epoch}.pt"
        if path.exists():
            saved = torch.load(path, weights_only=True)
            if saved["recipe"] == asdict(recipe):
                for part, state in zip(parts, saved["states"], strict=False):
                    part.load_state_dict(state)
                log.info("%s: goes on after epoch %d", folder.name, epoch)
                return int(saved["epoch"])
    return 0
