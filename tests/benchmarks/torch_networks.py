"""The chorale RNN and the melody RNN in PyTorch, layer by layer as in `lab_utils.models`, for the benchmark of training alone."""

import torch
from torch import nn
from torch.nn import functional as f

TOKENS, HELD, POSITIONS, PHRASES, PAST = 66, 32, 28, 17, 40


def tensors(arrays):
    """Return a dict of arrays as one of int64 tensors."""
    return {name: torch.from_numpy(values).long() for name, values in arrays.items()}


class Chorale(nn.Module):
    """:class:`lab_utils.models.ChoraleRNN` at the shipped size."""

    def __init__(self, units=256, embedding=64, dropout=0.3, blindness=0.1):
        super().__init__()
        self.blindness = blindness
        self.pitch, self.chosen = nn.Embedding(TOKENS, embedding), nn.Embedding(TOKENS, embedding)
        self.held, self.position, self.phrase = nn.Embedding(HELD, 16), nn.Embedding(POSITIONS, 32), nn.Embedding(PHRASES, 32)
        self.project = nn.Linear(4 * (embedding + 16) + 64, units)
        self.grus = nn.ModuleList(nn.GRU(units, units, batch_first=True) for _ in range(2))
        self.drop = nn.Dropout(dropout)
        self.shared = nn.Linear(units, 4 * units, bias=False)
        self.context = nn.Linear(4 * embedding + 16, units)
        self.bias = nn.Parameter(torch.zeros(4, units))
        self.out = nn.Linear(units, TOKENS)

    def loss(self, inputs, tokens):
        """Return the mean nats a note."""
        sounding, held, current = inputs["sounding"], inputs["held"], inputs["current"]  # (B, T, 4)
        both = torch.cat([self.pitch(sounding), self.held(held)], dim=-1)
        seen = (torch.rand(both.shape[:-1] + (1,)) >= self.blindness) / (1 - self.blindness)
        before = [(both * seen).flatten(2), self.position(inputs["position"]), self.phrase(inputs["phrase"])]
        state = self.drop(self.project(torch.cat(before, dim=-1)))
        for gru in self.grus:
            state = self.drop(gru(state)[0])
        chosen = self.chosen(current)
        contexts = []
        for voice in range(4):
            above = [chosen[..., v, :] if v < voice else torch.zeros_like(chosen[..., 0, :]) for v in range(3)]
            contexts.append(torch.cat([self.pitch(sounding[..., voice]), self.held(held[..., voice]), *above], dim=-1))
        shared = self.shared(state).unflatten(-1, (4, -1))
        hidden = self.drop(f.silu(self.context(torch.stack(contexts, dim=-2)) + shared + self.bias))
        logits = self.out(hidden) - 1e9 * f.one_hot(sounding, TOKENS)
        return f.cross_entropy(logits.flatten(0, 2), tokens.flatten())


class Melody(nn.Module):
    """:class:`lab_utils.models.MelodyRNN` at the shipped size: "gru", "lstm" or "attention"."""

    def __init__(self, variant, units=128, embedding=64, dropout=0.3, blindness=0.1, width=64):
        super().__init__()
        self.blindness, self.attends = blindness, variant == "attention"
        self.sounding, self.held, self.position = (
            nn.Embedding(TOKENS, embedding),
            nn.Embedding(HELD, 32),
            nn.Embedding(POSITIONS, 32),
        )
        read = embedding + 64
        self.project = nn.Linear(read, units)
        self.recurrent = (nn.LSTM if variant == "lstm" else nn.GRU)(units, units, batch_first=True)
        self.drop = nn.Dropout(dropout)
        if self.attends:
            self.query = nn.Linear(units, width, bias=False)
            self.key, self.value = (nn.Linear(units + read, width, bias=False) for _ in range(2))
            self.distance = nn.Parameter(torch.zeros(PAST))
        self.hidden = nn.Linear(units + read + width * self.attends, units)
        self.out = nn.Linear(units, TOKENS)

    def loss(self, inputs, tokens):
        """Return the mean nats a step."""
        past = self.sounding(inputs["sounding"])
        past = past * (torch.rand(past.shape[:-1] + (1,)) >= self.blindness) / (1 - self.blindness)
        before = torch.cat([past, self.held(inputs["held"]), self.position(inputs["position"])], dim=-1)
        state = self.recurrent(self.drop(self.project(before)))[0]
        seen = [self.drop(state), before]
        if self.attends:
            seen.append(self.look_back(state, before))
        logits = self.out(self.drop(f.silu(self.hidden(torch.cat(seen, dim=-1))))) - 1e9 * f.one_hot(inputs["sounding"], TOKENS)
        return f.cross_entropy(logits.flatten(0, 1), tokens.flatten())

    def look_back(self, state, before):
        """Return the context (B, T, width) of the last steps."""
        memory = torch.cat([f.pad(state, (0, 0, 1, 0))[:, :-1], before], dim=-1)
        scores = self.query(state) @ self.key(memory).transpose(1, 2) * self.query.out_features**-0.5
        steps = torch.arange(state.shape[1])
        lag = steps[:, None] - steps[None, :]
        exists = (lag >= 0) & (lag < PAST) & (steps[None, :] > 0)
        scores = torch.where(exists, scores + self.distance[lag.clamp(0, PAST - 1)], -1e9)
        return (scores.softmax(dim=-1) * exists) @ self.value(memory)
