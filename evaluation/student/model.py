"""The model that is taught: LoRA beside its frozen weights, the loss of a batch, the merged result.

What all lessons begin with is computed once a step, and its keys and values are shared: the loss
and its gradient are those of whole rows, at less than half of the tokens.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from evaluation.student.recipe import Recipe
from evaluation.student.tokens import LessonTokens
from ingest.distill.chat import error_line
from schema.errors import ModelLoadError

ALPHA: Final = 2
"""LoRA's alpha, in ranks: how much what is learnt weighs (Hu et al., LoRA, 2021, section 4.1)."""

LONGEST_GRADIENT: Final = 1.0
NOT_COUNTED: Final = -100

Numbers = Mapping[str, Any]
"""Tensors by name."""


class Student:
    """A causal language model and its adapter; it blocks. What is in it has no types."""

    def __init__(self, base: Path, recipe: Recipe) -> None:
        """Load the model, and put fresh matrices beside its weights.

        Raises:
            ModelLoadError: It cannot be loaded, or what teaches it is not installed.
        """
        self._torch, peft, self.tokenizer, model = _loaded(base)
        self._torch.manual_seed(recipe.seed)
        self._device = "cuda" if self._torch.cuda.is_available() else "cpu"
        lora = peft.LoraConfig(
            r=recipe.rank,
            lora_alpha=ALPHA * recipe.rank,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        )
        self._model: Any = peft.get_peft_model(model, lora).to(self._device).train()
        self._taught = [w for w in self._model.parameters() if w.requires_grad]
        self._optimizer: Any = self._torch.optim.AdamW(
            self._taught, lr=recipe.rate, weight_decay=0.0
        )

    @property
    def weights(self) -> int:
        """How many weights are taught."""
        return sum(weight.numel() for weight in self._taught)

    def learn(self, shared: Sequence[int], rows: Sequence[LessonTokens], rate: float) -> float:
        """Take one step; return the loss before it, a mean over the tokens that count, in nats."""
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        loss = self.loss(shared, rows)
        loss.backward()
        self._torch.nn.utils.clip_grad_norm_(self._taught, LONGEST_GRADIENT)
        self._optimizer.step()
        self._optimizer.zero_grad()
        return float(loss.item())

    def loss(self, shared: Sequence[int], rows: Sequence[LessonTokens]) -> Any:
        """Return the mean loss of the tokens that count, in nats, to be derived."""
        return self._losses(shared, rows)[0].mean()

    def losses(self, shared: Sequence[int], rows: Sequence[LessonTokens]) -> list[list[float]]:
        """Return the loss of each token that counts, in nats, of each row; nothing is learnt."""
        self._model.eval()
        with self._torch.no_grad():
            found, is_goal = self._losses(shared, rows)
        self._model.train()
        return [own.tolist() for own in found.split(is_goal.sum(1).tolist())]

    def _losses(self, shared: Sequence[int], rows: Sequence[LessonTokens]) -> tuple[Any, Any]:
        """Return the losses of all tokens that count, (n,), and where these are, (rows, tokens)."""
        tokens, goals = self._padded(rows)
        with self._torch.autocast(self._device, dtype=self._torch.bfloat16):
            known = None
            if shared:
                first = self._torch.tensor([shared], device=self._device)
                out = self._model(input_ids=first, use_cache=True, logits_to_keep=1)
                known = out.past_key_values
                known.batch_repeat_interleave(len(rows))
            causal = self._model.get_base_model()
            hidden = causal.base_model(input_ids=tokens, past_key_values=known, use_cache=True)[0]
            is_goal = goals[:, 1:] != NOT_COUNTED
            logits = causal.get_output_embeddings()(hidden[:, :-1][is_goal])
        cross_entropy = self._torch.nn.functional.cross_entropy
        return cross_entropy(logits.float(), goals[:, 1:][is_goal], reduction="none"), is_goal

    def state(self) -> dict[str, Any]:
        """Return what was learnt, as far as it went, and what goes on from it."""
        named = {n: w.detach() for n, w in self._model.named_parameters() if w.requires_grad}
        return {"adapter": named, "optimizer": self._optimizer.state_dict()}

    def resume(self, state: Numbers) -> None:
        """Go on from such a state."""
        self._model.load_state_dict(state["adapter"], strict=False)
        self._optimizer.load_state_dict(state["optimizer"])

    def write(self, folder: Path) -> None:
        """Write the adapter's folder, then the merged model, which any engine loads as it is."""
        self._model.save_pretrained(str(folder / "adapter"))
        merged = self._model.merge_and_unload()
        merged.save_pretrained(str(folder))
        self.tokenizer.save_pretrained(str(folder))

    def _padded(self, rows: Sequence[LessonTokens]) -> tuple[Any, Any]:
        """Return tokens and goals, (rows, tokens); what pads stands behind, where none looks."""
        longest = max(len(row.tokens) for row in rows)
        tokens = self._torch.zeros((len(rows), longest), dtype=self._torch.long)
        goals = self._torch.full((len(rows), longest), NOT_COUNTED)
        for place, row in enumerate(rows):
            own = self._torch.tensor(row.tokens)
            is_counted = self._torch.tensor(row.counted)
            tokens[place, : len(own)] = own
            goals[place, : len(own)][is_counted] = own[is_counted]
        return tokens.to(self._device), goals.to(self._device)


def _loaded(base: Path) -> tuple[Any, Any, Any, Any]:
    """Return torch, peft, the tokenizer and the model, in half precision."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is downloaded, unless one asks for it
    try:
        import peft
        import torch
        import transformers
        from transformers.utils.logging import disable_progress_bar
    except ImportError as error:
        raise ModelLoadError("peft is not installed: `pip install 'miko[student]'`") from error
    disable_progress_bar()
    library: Any = transformers
    try:
        tokenizer = library.AutoTokenizer.from_pretrained(str(base))
        model = library.AutoModelForCausalLM.from_pretrained(str(base), dtype=torch.bfloat16)
    except Exception as error:  # whatever its many parts raise of a broken file
        raise ModelLoadError(
            f"{base} cannot be loaded ({error_line(error)}): name a folder of a causal language "
            "model"
        ) from error
    return torch, peft, tokenizer, model
