"""A tiny randomly initialised Llama with a real tokenizer and ChatML template, for tests that need a model's mechanics.

It says nothing sensible, but everything about it is as with a real model: folder, files, special tokens, adapters.
"""

from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

CONTEXT = 2048
VOCABULARY = 512
START, END = "<|im_start|>", "<|im_end|>"
TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SENTENCES = (
    "What is a lung? A lung is an organ with which animals breathe air.",
    "Why is the sky blue? Air scatters blue light more than red light.",
    "The answer has too many words; write one short sentence instead.",
    "system user assistant, the quick brown fox jumps over the lazy dog.",
    "Löwen fressen häufig Gras? Nein, natürlich nicht – sie jagen 😀 Zebras.",
)


def make_tiny_model(folder: Path, *, seed: int = 0, hidden_size: int = 48) -> Path:
    """Write the model and its tokenizer into ``folder``, the same for the same seed, and return the folder."""
    tokenizer = _tokenizer()
    tokenizer.save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=hidden_size, intermediate_size=2 * hidden_size, num_hidden_layers=2,
        num_attention_heads=6, num_key_value_heads=2, head_dim=8, max_position_embeddings=CONTEXT,
        tie_word_embeddings=True, initializer_range=0.3, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def make_tiny_adapter(model: Path, folder: Path, *, seed: int = 1, size: float = 0.3, rank: int = 4) -> Path:
    """Write a LoRA adapter on all linear layers with random weights, large enough to change every answer."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        config = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear", task_type="CAUSAL_LM")
        wrapped = get_peft_model(LlamaForCausalLM.from_pretrained(model), config)
        for name, weight in wrapped.named_parameters():
            if "lora_" in name:
                weight.data.normal_(std=size)
        wrapped.save_pretrained(folder)
    return folder


def _tokenizer() -> PreTrainedTokenizerFast:
    raw = Tokenizer(BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=[END, START], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    raw.train_from_iterator(SENTENCES, trainer)
    made = PreTrainedTokenizerFast(tokenizer_object=raw, bos_token=START, eos_token=END, pad_token=END)
    made.chat_template = TEMPLATE
    made.model_max_length = CONTEXT
    return made
