"""What the classes of maps of green land are called, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from jxgis.i18n import _, in_every_language


def class_title(word: str) -> str:
    """Return the class of a map that a word stands for.

    Parameters
    ----------
    word
        ``green``, ``tree`` or ``other``; of a change ``gained``, ``lost``, ``green`` or
        ``other``.
    """
    titles = {
        "green": _("green"),
        "tree": _("tree"),
        "other": _("other"),
        "gained": _("gained"),
        "lost": _("lost"),
    }
    return titles.get(word, word)


def class_forms(word: str) -> tuple[str, ...]:
    """Return what may be written for a class word: itself, and its title in each language.

    Parameters
    ----------
    word
        As of `class_title`, whose titles in English are the words.
    """
    return tuple(dict.fromkeys((word, class_title(word), *in_every_language(word))))


def land_title(word: str) -> str:
    """Return the class of land cover that a word of `jxgis.spec.LAND_CLASSES` stands for."""
    titles = {
        "tree": _("trees"),
        "shrub": _("shrubs"),
        "grass": _("grass"),
        "crop": _("crops"),
        "built": _("built-up land"),
        "bare": _("bare ground"),
        "snow": _("snow and ice"),
        "water": _("water"),
        "wetland": _("herbaceous wetland"),
        "mangrove": _("mangroves"),
        "moss": _("moss and lichen"),
        "cloud": _("cloud"),
    }
    return titles.get(word, word)


def listed(words: Iterable[str]) -> str:
    """Return words in a row, with the reader's comma."""
    return _(", ").join(words)
