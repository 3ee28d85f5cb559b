"""Mutual information, the Kolmogorov-Smirnov test, imputation, rates and the stability index by scikit-learn, SciPy and NumPy:
features.json.

Run: python features.py   (scikit-learn 1.7 or newer, scipy, numpy)
"""

import json

import numpy as np
from scipy import stats
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression
from sklearn.impute import SimpleImputer
from sklearn.metrics import confusion_matrix

random = np.random.default_rng(5)
facts = {}

# No two continuous numbers are equal, so that the noise that tells them apart does not matter.
n = 200
x = random.normal(size=(n, 4))
x[:, 1] = 0.5 * x[:, 0] + random.normal(size=n) * 0.3
x[:, 3] = random.integers(0, 4, n)
labels = (x[:, 0] + 0.4 * random.normal(size=n) > 0).astype(int) + (x[:, 3] > 2)
target = np.sin(x[:, 0]) + 0.2 * random.normal(size=n) + 0.3 * x[:, 3]
discrete = [False, False, False, True]
facts["mutual"] = {
    "x": x.round(6).tolist(),
    "labels": labels.tolist(),
    "target": target.round(6).tolist(),
}
x, target = x.round(6), target.round(6)
for k in [1, 3, 10]:
    facts["mutual"][f"classif {k}"] = mutual_info_classif(x, labels, discrete_features=discrete, n_neighbors=k, random_state=0).tolist()
    facts["mutual"][f"regression {k}"] = mutual_info_regression(x, target, discrete_features=discrete, n_neighbors=k, random_state=0).tolist()

facts["ks"] = []
for a, b in [
    (random.normal(size=30), random.normal(size=40)),
    (random.normal(size=50), random.normal(0.7, 1, size=35)),
    (random.normal(size=7), random.normal(5, 1, size=9)),
    (random.normal(size=200), random.normal(0.9, 2, size=300)),
    (random.integers(0, 6, 60).astype(float), random.integers(1, 7, 45).astype(float)),
    (np.arange(5.0), np.arange(5.0)),
]:
    a, b = a.round(5), b.round(5)
    test = stats.ks_2samp(a, b, method="exact")
    facts["ks"].append({"a": a.tolist(), "b": b.tolist(), "statistic": float(test.statistic), "p": float(test.pvalue)})

holes = random.normal(size=(9, 3)).round(4)
holes[[0, 3, 3, 7], [1, 1, 2, 0]] = np.nan
facts["imputer"] = {"x": [[None if np.isnan(v) else v for v in row] for row in holes.tolist()]}
for strategy in ["mean", "median"]:
    facts["imputer"][strategy] = SimpleImputer(strategy=strategy, add_indicator=True).fit_transform(holes).tolist()

truth = random.integers(0, 2, 60)
scores = (truth * 0.3 + random.random(60)).round(2)
rates = []
for t in [0.0, 0.3, 0.55, 0.8, 1.3]:
    tn, fp, fn, tp = confusion_matrix(truth, scores > t, labels=[0, 1]).ravel()
    rates.append([t, fp / (fp + tn), fn / (fn + tp)])
facts["rates"] = {"labels": truth.tolist(), "scores": scores.tolist(), "at": rates}

reference, current = random.normal(size=400).round(5), random.normal(0.3, 1.2, size=150).round(5)
edges = np.quantile(reference, np.arange(1, 10) / 10)
p = np.maximum(np.bincount(np.searchsorted(edges, reference), minlength=10) / reference.size, 1e-4)
q = np.maximum(np.bincount(np.searchsorted(edges, current), minlength=10) / current.size, 1e-4)
facts["psi"] = {"reference": reference.tolist(), "current": current.tolist(), "index": float(np.sum((q - p) * np.log(q / p)))}

json.dump(facts, open("features.json", "w"), separators=(",", ":"))
