"""Whether an answer says anything: rules for what a log-prob rank cannot see.

A model that is rewarded for short answers learns to echo the question or to say "a lung is a lung"; the base model
finds both likely under the right prompt. So an answer must be a statement of at least three words, hold a content word
that the prompt does not hold, and not merely repeat its own subject. English only: in another language the list of
function words matches nothing and the rules become lenient, not wrong.
"""

import re

FEWEST_WORDS = 3

_FUNCTION_TEXT = """
a an the this that these those it its they them their there he she we us our you your i me my one
is are was were be been being am do does did done have has had can could will would may might must shall should
what which who whom whose why how when where
and or but so because if then than as of to in on at by for from with into about not no very just also
called mean means thing things way kind type answer question
"""
_COPULAS = {"is", "are", "was", "were", "means"}
_SUFFIX = re.compile(r"(?<=...)(?:ing|ed|es|s|e)$")


def says_something(prompt_text: str, answer: str) -> bool:
    """Whether the answer is a statement that adds at least one content word to the prompt and to its own subject."""
    words = _words(answer)
    return (
        len(words) >= FEWEST_WORDS
        and not _only_asks(answer)
        and bool(_content(words) - _content(_words(prompt_text)))
        and not _is_tautology(words)
    )


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)?", text.lower())


def _stems(words: list[str]) -> set[str]:
    return {_SUFFIX.sub("", word) for word in words}


def _content(words: list[str]) -> set[str]:
    """The words that carry meaning, without the endings that inflect them."""
    return _stems(words) - _stems(_FUNCTION_TEXT.split())


def _only_asks(answer: str) -> bool:
    """Whether every sentence of the answer is a question."""
    sentences = re.findall(r"[^.!?]*\w[^.!?]*[.!?]*", answer)
    return all("?" in sentence for sentence in sentences)


def _is_tautology(words: list[str]) -> bool:
    """Whether what follows the first "is" only repeats what stands before it."""
    at = next((place for place, word in enumerate(words[:-1]) if word in _COPULAS), None)
    return at is not None and bool(_content(words[:at])) and _content(words[at + 1 :]) <= _content(words[:at])
