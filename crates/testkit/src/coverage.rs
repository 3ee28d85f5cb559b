//! What the golden cases of a family cover: every function on eight shapes at least, among them an empty one and one of five
//! axes, in every element type that it takes, compiled and on symbolic tensors.

use crate::cases::{Arrays, Dispatch, Entry, Kw, entries, inputs_of};
use rhyton::{DType, Tensor};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// So many different shapes of arguments each function is tried on.
const SHAPES: usize = 8;
/// So many cases of each function are tried with other element types.
const TRIED: usize = 8;

/// Functions that take no empty tensors: NumPy and Keras refuse them as well.
const NEVER_EMPTY: &[&str] = &["correlate"];

/// An argument has so many axes in some case.
const RANK: usize = 5;

/// Functions whose arguments have a number of axes of their own.
const FIXED_RANK: &[&str] = &[
    // Pictures, and patches of them.
    "affine_transform",
    "crop_images",
    "depth_to_space",
    "elastic_transform",
    "fold",
    "gaussian_blur",
    "hsv_to_rgb",
    "map_coordinates",
    "pad_images",
    "perspective_transform",
    "resize",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "sobel_edges",
    "space_to_depth",
    "ssim",
    "unfold",
    // Vectors and matrices.
    "bincount",
    "corrcoef",
    "correlate",
    "diag",
    "eye",
    "histogram",
    "identity",
    "in_top_k",
    "lstsq",
    "meshgrid",
    "tri",
    "vander",
    // Sequences and windows.
    "arange",
    "bartlett",
    "blackman",
    "ctc_decode",
    "ctc_loss",
    "dot_product_attention",
    "hamming",
    "hanning",
    "istft",
    "kaiser",
    "stft",
];

/// Functions that are not traced and take no symbolic tensors: how long their results are depends on the numbers, or they
/// assign to variables, which are no results.
const EAGER: &[&str] = &["assign_add_at", "assign_at", "bincount", "ctc_decode", "nonzero", "unique"];

/// The functions that lack shapes, element types or ways of being called, one a line.
pub fn gaps(cases: &[Value], arrays: &Arrays, call: Dispatch) -> Vec<String> {
    let mut by_name: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for case in cases {
        by_name.entry(case["op"].as_str().expect("a name")).or_default().push(case);
    }
    let mut gaps = Vec::new();
    for (name, cases) in by_name {
        let shapes: BTreeSet<String> = cases.iter().map(|c| shapes_of(c, arrays)).collect();
        if shapes.len() < SHAPES {
            gaps.push(format!("{name}: {} shapes, expected {SHAPES}", shapes.len()));
        }
        if !NEVER_EMPTY.contains(&name) && !cases.iter().any(|c| is_empty(c, arrays)) {
            gaps.push(format!("{name}: no case of an empty tensor"));
        }
        if !FIXED_RANK.contains(&name) && !cases.iter().any(|c| rank_of(c, arrays) >= RANK) {
            gaps.push(format!("{name}: no case of {RANK} axes"));
        }
        let makes_tensors = cases.iter().all(|c| entries(&c["in"]).is_empty());
        for (letter, way) in [('c', "compiled"), ('s', "symbolic")] {
            let shown = cases.iter().any(|c| c["checks"].as_str().unwrap_or("").contains(letter));
            if !(shown || EAGER.contains(&name) || makes_tensors && letter == 's') {
                gaps.push(format!("{name}: no {way} case"));
            }
        }
        let seen: BTreeSet<String> = cases.iter().flat_map(|c| dtypes_of(c)).collect();
        let small: Vec<&Value> = cases.iter().filter(|c| !inputs_of(c, arrays).is_empty()).copied().collect();
        let step = small.len().div_ceil(TRIED).max(1);
        let missing: Vec<String> = DType::ALL
            .into_iter()
            .filter(|t| !seen.contains(t.name()))
            .filter_map(|t| small.iter().step_by(step).find_map(|case| taken(name, case, arrays, call, t)))
            .collect();
        if !missing.is_empty() {
            gaps.push(format!("{name}: takes {} too, which no case shows", missing.join(", ")));
        }
    }
    gaps
}

/// The shapes of the arguments; of a function that makes tensors, its result's.
fn shapes_of(case: &Value, arrays: &Arrays) -> String {
    let of = |list: &Value| -> Vec<String> {
        entries(list).iter().map(|e| format!("{:?}", arrays[&e.key].shape)).collect()
    };
    let given = of(&case["in"]);
    if given.is_empty() { format!("{:?} {}", of(&case["out"]), case["kw"]) } else { given.join(" ") }
}

/// The arguments; of a function that makes tensors, the results.
fn given(case: &Value) -> Vec<Entry> {
    let given = entries(&case["in"]);
    if given.is_empty() { entries(&case["out"]) } else { given }
}

fn is_empty(case: &Value, arrays: &Arrays) -> bool {
    given(case).iter().any(|e| arrays[&e.key].shape.contains(&0))
}

/// The most axes that one has.
fn rank_of(case: &Value, arrays: &Arrays) -> usize {
    given(case).iter().map(|e| arrays[&e.key].shape.len()).max().unwrap_or(0)
}

fn dtypes_of(case: &Value) -> Vec<String> {
    given(case).iter().map(|e| e.dtype.name().to_string()).collect()
}

/// What the function makes of the arguments of a case if some of them have another element type; `None` where it refuses.
fn taken(name: &str, case: &Value, arrays: &Arrays, call: Dispatch, dtype: DType) -> Option<String> {
    let kw = Kw::new(case["kw"].as_object().cloned().unwrap_or_default());
    let inputs = inputs_of(case, arrays);
    let one = |at: usize| -> Vec<Tensor> {
        inputs.iter().enumerate().map(|(i, x)| if i == at { x.cast(dtype) } else { x.clone() }).collect()
    };
    let mut tries: Vec<Vec<Tensor>> = vec![inputs.iter().map(|x| x.cast(dtype)).collect()];
    tries.extend((0..inputs.len()).map(one));
    tries.iter().find_map(|x| {
        let given: Vec<&str> = x.iter().map(|x| x.dtype().name()).collect();
        let made: Vec<&str> = call(name, x, &kw).ok()?.iter().map(|y| y.dtype().name()).collect();
        Some(format!("{} -> {}", given.join(" "), made.join(" ")))
    })
}
