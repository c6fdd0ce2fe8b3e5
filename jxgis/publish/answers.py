"""What a click on a picture says: the sentences of its codes, each once on the page.

The codes themselves are the pixels of the picture's own PNG, whose palette has a place for each;
the page reads from it what it shows.
"""

from __future__ import annotations

from typing import Any

from jxgis.publish.pictures import Overlay
from jxgis.publish.theme import PICTURE_COLOURS


def answers_data(overlay: Overlay) -> dict[str, Any] | None:
    """Return what a picture's codes say, as plain JSON; None where they say nothing.

    Parameters
    ----------
    overlay
        The picture as the page carries it.

    Returns
    -------
    dict or None
        ``sentences``, each once, ``says``, code to the places of its sentences, and ``looks``,
        code to its colour and label in the legend. Codes that say nothing are left out.
    """
    if not overlay.is_asked:
        return None
    picture = overlay.picture
    said = {int(code): texts for code, texts in sorted(picture.answers.items()) if texts}
    places = {text: n for n, text in enumerate(dict.fromkeys(t for s in said.values() for t in s))}
    looks = {code: own for code, own in picture.legend.items() if code in said}
    return {
        "sentences": list(places),
        "says": {str(code): [places[t] for t in texts] for code, texts in said.items()},
        "looks": {str(c): [PICTURE_COLOURS[look], label] for c, (look, label) in looks.items()},
    }
