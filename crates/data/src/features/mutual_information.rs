//! How much a feature says about the target.

use super::{columns, neighbors, no_missing};
use rhyton_base::{Context, Error, Result, Shape};
use rhyton_runtime::Generator;
use rhyton_tensor::Tensor;
use std::collections::HashMap;

/// How mutual information is estimated.
///
/// ```
/// use rhyton_data::features::MutualInfo;
/// let estimate = MutualInfo::new().discrete_features([0, 2]).n_neighbors(5).seed(7);
/// ```
#[derive(Clone, Debug)]
pub struct MutualInfo {
    discrete: Vec<usize>,
    n_neighbors: usize,
    seed: u64,
}

impl Default for MutualInfo {
    fn default() -> MutualInfo {
        MutualInfo::new()
    }
}

impl MutualInfo {
    /// All features continuous, 3 neighbours.
    pub fn new() -> MutualInfo {
        MutualInfo { discrete: Vec::new(), n_neighbors: 3, seed: 0 }
    }

    /// The columns whose numbers are categories.
    #[must_use]
    pub fn discrete_features(mut self, columns: impl Into<Vec<usize>>) -> MutualInfo {
        self.discrete = columns.into();
        self
    }

    /// How many neighbours of each sample are looked at: more of them vary less and blur more.
    #[must_use]
    pub fn n_neighbors(mut self, n_neighbors: usize) -> MutualInfo {
        self.n_neighbors = n_neighbors;
        self
    }

    /// The seed of the tiny noise (10⁻¹⁰ of the size) that tells equal numbers of continuous features apart.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> MutualInfo {
        self.seed = seed;
        self
    }
}

/// The mutual information between each feature and a discrete target, in nats: 0 where knowing the feature says nothing about the
/// target.
///
/// `x` are samples by features, `y` as many labels. Estimators: of discrete features by counting, of continuous ones by the
/// distances to the `k`th nearest neighbour of the same label (Ross, "Mutual Information between Discrete and Continuous Data Sets",
/// PLoS ONE 2014), the same as scikit-learn's `mutual_info_classif`. Estimates below 0 are given as 0.
///
/// # Errors
/// Where the numbers of samples differ, there are none, a value is missing, or no neighbours are asked for.
///
/// ```
/// use rhyton_data::features::{MutualInfo, mutual_info_classif};
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([[0.0f32, 1.0], [0.0, 0.0], [1.0, 1.0], [1.0, 0.0]]);
/// let y = Tensor::from([0i32, 0, 1, 1]);
/// let scores = mutual_info_classif(&x, &y, MutualInfo::new().discrete_features([0, 1]))?;
/// assert!((scores[0] - 2f64.ln()).abs() < 1e-12 && scores[1] < 1e-12);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn mutual_info_classif(x: &Tensor, y: &Tensor, how: MutualInfo) -> Result<Vec<f64>> {
    estimate(x, y, &how, true).at(|| "mutual_info_classif")
}

/// The mutual information between each feature and a continuous target, in nats.
///
/// Estimators: of continuous features by the distances to the `k`th nearest neighbour in both together (Kraskov, Stögbauer and
/// Grassberger, "Estimating mutual information", Physical Review E 69, 2004), of discrete ones as for discrete targets; the same as
/// scikit-learn's `mutual_info_regression`.
///
/// # Errors
/// As [`mutual_info_classif`].
pub fn mutual_info_regression(x: &Tensor, y: &Tensor, how: MutualInfo) -> Result<Vec<f64>> {
    estimate(x, y, &how, false).at(|| "mutual_info_regression")
}

fn estimate(x: &Tensor, y: &Tensor, how: &MutualInfo, discrete_target: bool) -> Result<Vec<f64>> {
    let (features, mut target) = (columns(x)?, columns(y)?);
    let [y] = &mut target[..] else {
        return Err(Error::shape(format!(
            "expected one target a sample, got shape {}",
            Shape::from(y.shape())
        )));
    };
    let rows = features.first().map_or(0, Vec::len);
    if rows != y.len() || rows < 2 {
        return Err(Error::shape(format!(
            "expected as many targets as samples, 2 or more, got {rows} samples and {} targets",
            y.len()
        )));
    }
    if how.n_neighbors == 0 || how.n_neighbors >= rows {
        return Err(Error::value(format!(
            "expected n_neighbors from 1 to {}, one less than there are samples, got {}",
            rows - 1,
            how.n_neighbors
        )));
    }
    if let Some(&column) = how.discrete.iter().find(|&&c| c >= features.len()) {
        return Err(Error::value(format!(
            "there is no column {column} to be discrete, the last one is {}",
            features.len() - 1
        )));
    }
    no_missing(y, "the target")?;
    let mut noise = Generator::new(how.seed);
    if !discrete_target {
        spread(y, &mut noise);
    }
    let k = how.n_neighbors;
    let one = |(i, mut x): (usize, Vec<f64>)| {
        no_missing(&x, format!("column {i}"))?;
        let discrete = how.discrete.contains(&i);
        if !discrete {
            spread(&mut x, &mut noise);
        }
        Ok(match (discrete, discrete_target) {
            (true, true) => counted(&codes(&x), &codes(y)),
            (true, false) => labelled(y, &codes(&x), k),
            (false, true) => labelled(&x, &codes(y), k),
            (false, false) => continuous(&x, y, k),
        })
    };
    features.into_iter().enumerate().map(one).collect()
}

/// Numbers in units of their standard deviation, with noise that tells equal ones apart.
fn spread(x: &mut [f64], noise: &mut Generator) {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let deviation = (x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    if deviation > 0.0 {
        x.iter_mut().for_each(|v| *v /= deviation);
    }
    let size = 1e-10 * (x.iter().map(|v| v.abs()).sum::<f64>() / n).max(1.0);
    x.iter_mut().for_each(|v| *v += size * noise.normal());
}

/// Equal numbers as equal codes from 0.
fn codes(x: &[f64]) -> Vec<usize> {
    let mut known = HashMap::new();
    // 0 and -0 are one category.
    x.iter()
        .map(|v| (v + 0.0).to_bits())
        .map(|bits| {
            let next = known.len();
            *known.entry(bits).or_insert(next)
        })
        .collect()
}

/// Of two discrete variables: Σ p(a,b) ln(p(a,b) / (p(a) p(b))).
fn counted(a: &[usize], b: &[usize]) -> f64 {
    let n = a.len() as f64;
    let mut pairs: HashMap<(usize, usize), f64> = HashMap::new();
    a.iter().zip(b).for_each(|(&a, &b)| *pairs.entry((a, b)).or_default() += 1.0);
    let (a, b) = (counts(a), counts(b));
    let mut terms: Vec<f64> = pairs.iter().map(|(&(i, j), c)| c / n * (c * n / (a[i] * b[j])).ln()).collect();
    // The order of a map is left to chance, the sum is not.
    terms.sort_unstable_by(f64::total_cmp);
    terms.iter().sum::<f64>().max(0.0)
}

fn counts(codes: &[usize]) -> Vec<f64> {
    let mut counts = vec![0.0; codes.iter().max().map_or(0, |m| m + 1)];
    codes.iter().for_each(|&c| counts[c] += 1.0);
    counts
}

/// Of a continuous and a discrete variable. Samples whose label nobody shares do not count.
fn labelled(x: &[f64], labels: &[usize], k: usize) -> f64 {
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); labels.iter().max().map_or(0, |m| m + 1)];
    labels.iter().enumerate().for_each(|(i, &l)| groups[l].push(i));
    groups.retain(|g| g.len() > 1);
    let all: Vec<f64> = groups.iter().flatten().map(|&i| x[i]).collect();
    let (all, n) = (neighbors::sorted(&all), all.len());
    if n == 0 {
        return 0.0;
    }
    let psi = Digamma::new(n);
    let (mut of_k, mut of_label, mut near) = (0.0, 0.0, 0.0);
    for group in &groups {
        let numbers: Vec<f64> = group.iter().map(|&i| x[i]).collect();
        let k = k.min(group.len() - 1);
        for (v, d) in numbers.iter().zip(neighbors::distances(&numbers, k)) {
            near += psi.of(neighbors::within(&all, *v, below(d)));
        }
        of_k += group.len() as f64 * psi.of(k);
        of_label += group.len() as f64 * psi.of(group.len());
    }
    let n = n as f64;
    (psi.of(n as usize) + (of_k - of_label - near) / n).max(0.0)
}

/// Of two continuous variables.
fn continuous(x: &[f64], y: &[f64], k: usize) -> f64 {
    let n = x.len();
    let psi = Digamma::new(n);
    let radius = neighbors::distances_2d(x, y, k);
    let (xs, ys) = (neighbors::sorted(x), neighbors::sorted(y));
    let near = |sorted: &[f64], of: &[f64]| -> f64 {
        of.iter().zip(&radius).map(|(&v, &r)| psi.of(neighbors::within(sorted, v, below(r)))).sum::<f64>()
            / n as f64
    };
    (psi.of(n) + psi.of(k) - near(&xs, x) - near(&ys, y)).max(0.0)
}

/// The next smaller distance, so that what lies as far does not count.
fn below(distance: f64) -> f64 {
    if distance > 0.0 { distance.next_down() } else { 0.0 }
}

/// The digamma function at whole numbers: ψ(1) = -γ, ψ(n + 1) = ψ(n) + 1/n.
struct Digamma(Vec<f64>);

impl Digamma {
    fn new(largest: usize) -> Digamma {
        const EULER: f64 = 0.577_215_664_901_532_9;
        let mut all = vec![-EULER];
        for n in 1..largest.max(1) {
            all.push(all[n - 1] + 1.0 / n as f64);
        }
        Digamma(all)
    }

    fn of(&self, n: usize) -> f64 {
        self.0[n.clamp(1, self.0.len()) - 1]
    }
}
