"""Principal components: points of D features told by K numbers, the best that a linear code can do, and a density round them.

The model is the probabilistic one (Tipping & Bishop, 1999): a code z of K standard normal numbers, a linear picture of it, and
noise that is alike in every feature::

    x = mean + W z + noise        z ~ N(0, I)    noise ~ N(0, σ² I)        so  x ~ N(mean, W Wᵀ + σ² I)

Its likelihood is largest where the columns of W span the K directions of largest variance, each as long as the root of its
variance beyond σ², and σ² is the mean variance of the directions that are left. It is a variational autoencoder whose encoder and
decoder are linear (Lucas et al., 2019): what a deep one has to beat with as many numbers.

Conventions
-----------
* Points are float, shape (N, D); of pictures, flatten them first.
* The **code** of a point is where it lies along each direction, in units of the points, shape (N, K): :meth:`PCA.encode`. The way
  back, :meth:`PCA.decode`, is the nearest point of the plane; no other linear code of K numbers has a smaller squared error on
  the points that were fitted (Eckart & Young, 1936).
* Variances are those of the largest likelihood (divided by N). A direction's sign is such that its largest entry is positive.
* Where both N and D are over :data:`EXACT`, the directions come from a randomised search (Halko, Martinsson & Tropp, 2011), which
  is near the exact one and repeats by its seed; otherwise from the exact decomposition.

Left out: missing values, whitening, choosing K. Used by the recipe ``spectrogram_vae`` as the rival of its network.
"""

import numpy as np

from lab_utils.errors import ParameterError, check_whole

EXACT = 1500  # rows or columns up to which the decomposition is exact: beyond, it takes minutes
SPARE, ROUNDS = 16, 8  # of the randomised search: directions beyond those wanted, and passes over the points


class PCA:
    """A plane of K directions through points of D features, with noise beside it.

    Parameters
    ----------
    components : int
        K, from 1 up, fewer than points and features.

    Attributes
    ----------
    mean : np.ndarray of float64, shape (D,)
    directions : np.ndarray of float64, shape (K, D)
        Of length 1 and at right angles, the one of largest variance first.
    variances : np.ndarray of float64, shape (K,)
        Of the points along each.
    noise : float
        σ², the mean variance along the other D − K.
    """

    def __init__(self, components):
        self.components = check_whole("components", components, 1)
        self.mean = self.directions = self.variances = self.noise = None

    def fit(self, x, *, seed=0):
        """Find the plane of the points `x`, shape (N, D), and return self; `seed` is of the randomised search."""
        x = _check(x)
        if self.components >= min(x.shape):
            raise ParameterError(f"x: expected more than {self.components} points and features, received shape {x.shape}.")
        self.mean = x.mean(axis=0, dtype=np.float64)
        centred = x - self.mean.astype(x.dtype)
        directions, variances = _exact(centred) if min(x.shape) <= EXACT else _randomised(centred, self.components, seed)
        directions, variances = directions[: self.components], variances[: self.components]
        largest = directions[np.arange(len(directions)), np.abs(directions).argmax(axis=1)]
        self.directions, self.variances = directions * np.sign(largest)[:, None], variances
        total = np.einsum("nd,nd->", centred, centred, dtype=np.float64) / len(x)
        self.noise = float(max(total - variances.sum(), 0.0) / (x.shape[1] - self.components))
        return self

    def encode(self, x):
        """Return the codes (N, K) of the points `x` (N, D); :meth:`decode` is the way back."""
        self._check_fitted()
        return (_check(x, len(self.mean)) - self.mean) @ self.directions.T

    def decode(self, codes):
        """Return the points (N, D) of `codes` (N, K); :meth:`encode` is the way there."""
        self._check_fitted()
        return _check(codes, self.components, "codes") @ self.directions + self.mean

    def rebuild(self, x):
        """Return the points of the plane that are nearest to `x`, shape (N, D): encoded and decoded."""
        return self.decode(self.encode(x))

    def log_likelihood(self, x):
        """Return the log density of each of the points `x` (N, D) under the probabilistic model, in nats, shape (N,).

        Raises
        ------
        ParameterError
            Where the points that were fitted all lie in the plane: then there is no density beside it.
        """
        codes = self.encode(x)
        if not self.noise > 0:
            raise ParameterError("components: expected a plane with noise beside it, received one without; take fewer.")
        within = self._within
        beside = np.square(_check(x) - self.mean).sum(axis=1) - np.square(codes).sum(axis=1)
        features = len(self.mean)
        squares = (np.square(codes) / within).sum(axis=1) + np.maximum(beside, 0) / self.noise
        volume = np.log(within).sum() + (features - self.components) * np.log(self.noise)
        return -0.5 * (features * np.log(2 * np.pi) + volume + squares)

    def sample(self, count, *, seed, noise=True):
        """Return `count` points drawn from the model, shape (count, D), without the noise beside the plane if so asked."""
        self._check_fitted()
        check_whole("count", count, 1)
        rng = np.random.default_rng(seed)
        spread = np.sqrt(np.maximum(self.variances - self.noise, 0))
        points = self.decode(rng.standard_normal((count, self.components)) * spread)
        return points + np.sqrt(self.noise) * rng.standard_normal(points.shape) if noise else points

    @property
    def _within(self):
        """Variances along the directions, never under the noise, which stands in them too."""
        return np.maximum(self.variances, self.noise)

    def _check_fitted(self):
        if self.mean is None:
            raise ParameterError("model: expected one that was fitted, received one that was not; call fit(x) first.")


def _exact(centred):
    """All directions (R, D) and variances (R,) of centred points, by the smaller of the two square matrices of products."""
    points, features = centred.shape
    centred = centred.astype(np.float64)
    if features <= points:
        values, vectors = np.linalg.eigh(centred.T @ centred)
        return vectors.T[::-1], np.maximum(values[::-1], 0) / points
    values, vectors = np.linalg.eigh(centred @ centred.T)
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    lengths = np.sqrt(np.maximum(values, np.finfo(float).tiny))
    return (centred.T @ (vectors / lengths)).T, values / points


def _randomised(centred, components, seed):
    """The first directions and variances: the range of the products with chance vectors, refined by passes over the points."""
    rng = np.random.default_rng(seed)
    wide = min(components + SPARE, *centred.shape)
    plane = rng.standard_normal((centred.shape[1], wide)).astype(centred.dtype)
    for _ in range(ROUNDS):
        plane, _ = np.linalg.qr(centred.T @ (centred @ plane))  # (D, wide)
    _, lengths, turn = np.linalg.svd(centred @ plane, full_matrices=False)
    return (turn @ plane.T).astype(np.float64), np.square(lengths.astype(np.float64)) / len(centred)


def _check(x, features=None, name="x"):
    """Return `x` as float of 32 or 64 bits, shape (N, D); a ParameterError where it is none, or has not `features` columns."""
    x = np.asarray(x)
    fits = x.ndim == 2 and x.size and (np.issubdtype(x.dtype, np.number) or x.dtype == bool)
    if not fits or (features is not None and x.shape[1] != features):
        wanted = "features" if features is None else features
        raise ParameterError(f"{name}: expected numbers of shape (points, {wanted}), received shape {x.shape} of {x.dtype}.")
    x = x if x.dtype in (np.float32, np.float64) else x.astype(np.float64)
    if not np.isfinite(x).all():
        raise ParameterError(f"{name}: expected finite numbers, received NaN or infinity; leave them out.")
    return x
