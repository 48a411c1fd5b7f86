"""Calls that change how a program trains: the option here, or what is nearest to it."""

from __future__ import annotations

from gradtutor.messages import mark

# ---- what has an option here ----

#: Bring columns to mean 0 and deviation 1, as --scale standard does.
STANDARD = frozenset(("StandardScaler", "Normalization", "zscore"))
#: Scale columns in another way.
SCALED_ELSE = frozenset((
    "MinMaxScaler", "RobustScaler", "MaxAbsScaler", "QuantileTransformer",
    "PowerTransformer",
))  # fmt: skip
#: Cut the whole gradient to a largest norm, and where that number stands.
CLIPS = {
    "clip_grad_norm_": (1, "max_norm"),
    "clip_grad_norm": (1, "max_norm"),
    "clip_by_global_norm": (1, "clip_norm"),
}

#: Draw examples at random: a loop that does so counts steps, not epochs.
DRAWS = frozenset((
    "randint", "choice", "choices", "sample", "integers", "random_integers", "next",
    "next_batch",
))  # fmt: skip

# ---- what has none, and the nearest ----

AUGMENTED = mark("--shift N moves the training images, which is the nearest")
RATE = mark("the learning rate stays; --schedule has step, cosine and warmup")
EVEN = mark("every example counts the same")
COLUMNS = mark("save the columns that come out of it and give them by --data")
LAST = mark("the weights are those of the last step; --patience keeps the best")
CLIPPED = mark("--clip N limits the norm of the whole gradient, which is the nearest")
PLAIN_WEIGHTS = mark("the layer's weights are trained as they are")
ALIKE = mark("all parameters are trained alike, by what the optimiser itself is given")
BYTES = mark("--scale pixels divides by 255, --scale standard does it by column")

_AUGMENTS = (
    *("ColorJitter", "GaussianBlur", "AutoAugment", "RandAugment", "AugMix"),
    *("TrivialAugmentWide", "MixUp", "CutMix", "Mixup", "Cutout", "CoarseDropout"),
    *("HorizontalFlip", "VerticalFlip", "ElasticTransform", "ShiftScaleRotate"),
    *("random_flip_left_right", "random_flip_up_down", "random_brightness"),
    *("random_contrast", "random_crop", "random_hue", "random_saturation"),
    *("GaussianNoiseTransform", "TimeMasking", "FrequencyMasking", "GaussNoise"),
    *("random_rotation", "random_shift", "random_zoom", "AddGaussianNoise"),
)
_RATES = (
    *("ReduceLROnPlateau", "LearningRateScheduler", "MultiStepLR", "LambdaLR"),
    *("OneCycleLR", "CyclicLR", "CosineAnnealingWarmRestarts", "PolynomialLR"),
    *("LinearLR", "ConstantLR", "SequentialLR", "ChainedScheduler", "MultiplicativeLR"),
    *("get_linear_schedule_with_warmup", "get_cosine_schedule_with_warmup"),
    *("ExponentialDecay", "PiecewiseConstantDecay", "PolynomialDecay", "CosineDecay"),
    *("CosineDecayRestarts", "InverseTimeDecay", "GradualWarmupScheduler", "SWALR"),
)
NEAREST: dict[str, str] = {
    **dict.fromkeys(_AUGMENTS, AUGMENTED),
    **dict.fromkeys(_RATES, RATE),
    **dict.fromkeys(
        ("WeightedRandomSampler", "SMOTE", "ADASYN", "RandomOverSampler",
         "RandomUnderSampler"), EVEN),
    **dict.fromkeys(
        ("PCA", "TruncatedSVD", "PolynomialFeatures", "SelectKBest", "KBinsDiscretizer",
         "TfidfVectorizer", "CountVectorizer", "Normalizer"), COLUMNS),
    **dict.fromkeys(("AveragedModel", "ExponentialMovingAverage", "EMA"), LAST),
    **dict.fromkeys(("clip_grad_value_", "clip_grad_value"), CLIPPED),
    **dict.fromkeys(("weight_norm", "spectral_norm", "orthogonal"), PLAIN_WEIGHTS),
    "preprocess_input": BYTES,
}  # fmt: skip
#: Schedules that Keras gives an optimiser as its rate: the first rate is known.
RATE_OBJECTS = frozenset((
    "ExponentialDecay", "PolynomialDecay", "CosineDecay", "CosineDecayRestarts",
    "InverseTimeDecay",
))  # fmt: skip
