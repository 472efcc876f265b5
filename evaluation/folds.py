"""Parts of examples: those that are learnt from, that stop the learning, and that are measured."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
"""Numbers of examples."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Places of examples, in rising order; none is in two parts."""

    train: Places
    valid: Places
    test: Places
