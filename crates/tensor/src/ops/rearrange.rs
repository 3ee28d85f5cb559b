//! Axes rearranged by a pattern in words.

use super::{reshape, transpose};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{Error, Result, Shape};

/// Axes taken apart, put in another order and joined, as a pattern says: `"b h w c -> b (h w) c"` joins height and
/// width, `"b (h p) w -> b h (p w)"` takes an axis apart. Of each group on the left all sizes but one have to be
/// given in `sizes`.
///
/// # Errors
/// Where the pattern is malformed, does not fit the shape, or sizes are missing or do not divide.
///
/// ```
/// use rhyton_tensor::{DType, ops};
/// let x = ops::zeros([2, 6, 4, 3], DType::F32).unwrap();
/// assert_eq!(ops::rearrange(&x, "b h w c -> b (h w) c", &[]).unwrap().shape(), [2, 24, 3]);
/// let patches = ops::rearrange(&x, "b (h p) (w q) c -> (b h w) p q c", &[("p", 2), ("q", 2)]).unwrap();
/// assert_eq!(patches.shape(), [12, 2, 2, 3]);
/// ```
pub fn rearrange(x: &Tensor, pattern: &str, sizes: &[(&str, usize)]) -> Result<Tensor> {
    let pattern = pattern.to_string();
    let sizes: Vec<(String, usize)> = sizes.iter().map(|&(name, n)| (name.to_string(), n)).collect();
    operation("rearrange", &[x], move |x| {
        let (left, right) = parse(&pattern)?;
        let (names, apart) = apart(x[0], &pattern, &left, &sizes)?;
        let place =
            |name: &String| names.iter().position(|n| n == name).expect("both sides name the same axes");
        let order: Vec<isize> = right.iter().flatten().map(|name| place(name) as isize).collect();
        let size = |name: &String| apart[place(name)];
        let joined: Vec<usize> = right.iter().map(|group| group.iter().map(size).product()).collect();
        reshape(&transpose(&reshape(x[0], apart.clone())?, Some(&order))?, joined)
    })
}

/// The names and sizes of the axes once all groups are taken apart.
fn apart(
    x: &Tensor,
    pattern: &str,
    left: &[Vec<String>],
    sizes: &[(String, usize)],
) -> Result<(Vec<String>, Vec<usize>)> {
    if left.len() != x.rank() {
        return Err(Error::shape(format!(
            "pattern {pattern:?} describes {} axes, the tensor has shape {}",
            left.len(),
            Shape::from(x.shape())
        )));
    }
    if let Some((name, _)) = sizes.iter().find(|(name, _)| !left.iter().flatten().any(|n| n == name)) {
        return Err(Error::name(format!("pattern {pattern:?} has no axis {name:?}")));
    }
    let (mut names, mut out) = (Vec::new(), Vec::new());
    for (axis, (group, &size)) in left.iter().zip(x.shape()).enumerate() {
        let given = |name: &String| sizes.iter().find(|(n, _)| n == name).map(|s| s.1);
        let open = group.iter().filter(|n| given(n).is_none()).count();
        if open > 1 {
            return Err(Error::value(format!(
                "the sizes of ({}) do not follow from axis {axis} alone; give all but one",
                group.join(" ")
            )));
        }
        let known = group.iter().filter_map(given).try_fold(1usize, usize::checked_mul);
        let rest = match (known, open) {
            (Some(known), 0) if known == size => Some(1),
            (Some(known), 1) if known > 0 && size % known == 0 => Some(size / known),
            _ => None,
        };
        let rest = rest.ok_or_else(|| {
            let text: Vec<String> =
                group.iter().map(|n| given(n).map_or(n.clone(), |s| format!("{n}={s}"))).collect();
            Error::shape(format!("axis {axis} of size {size} does not divide into ({})", text.join(" ")))
        })?;
        for name in group {
            out.push(given(name).unwrap_or(rest));
            names.push(name.clone());
        }
    }
    Ok((names, out))
}

/// The axes of one side: groups of names, most of them of one.
type Side = Vec<Vec<String>>;

/// The groups on both sides of a pattern, which name the same axes once each.
fn parse(pattern: &str) -> Result<(Side, Side)> {
    let fail = |why: String| Error::format(format!("pattern {pattern:?}: {why}"));
    let sides: Vec<&str> = pattern.split("->").collect();
    let [left, right] = sides[..] else {
        return Err(fail(format!("expected one \"->\", got {}", sides.len() - 1)));
    };
    let (left, right) = (groups(left).map_err(fail)?, groups(right).map_err(fail)?);
    for side in [&left, &right] {
        let names: Vec<&String> = side.iter().flatten().collect();
        if let Some(twice) = names.iter().enumerate().find(|(i, n)| names[..*i].contains(n)) {
            return Err(fail(format!("axis {:?} is named twice on one side", twice.1)));
        }
    }
    let missing = |from: &[Vec<String>], to: &[Vec<String>]| {
        from.iter().flatten().find(|n| !to.iter().flatten().any(|m| m == *n)).cloned()
    };
    if let Some(name) = missing(&left, &right).or(missing(&right, &left)) {
        return Err(fail(format!("axis {name:?} stands on one side only")));
    }
    Ok((left, right))
}

/// One side of a pattern: single axes and groups in parentheses.
fn groups(side: &str) -> std::result::Result<Side, String> {
    let mut out: Side = Vec::new();
    let mut inside = false;
    let spaced = side.replace('(', " ( ").replace(')', " ) ");
    for word in spaced.split_whitespace() {
        match word {
            "(" if inside => return Err("a parenthesis inside another".into()),
            "(" => {
                inside = true;
                out.push(Vec::new());
            }
            ")" if !inside => return Err("a closing parenthesis without an opening one".into()),
            ")" => inside = false,
            name => {
                let first = name.chars().next().expect("words are not empty");
                let fits = |c: char| c.is_alphanumeric() || c == '_';
                if first.is_numeric() || !name.chars().all(fits) {
                    return Err(format!("{name:?} is no name of an axis"));
                }
                match out.last_mut().filter(|_| inside) {
                    Some(group) => group.push(name.to_string()),
                    None => out.push(vec![name.to_string()]),
                }
            }
        }
    }
    if inside { Err("a parenthesis is not closed".into()) } else { Ok(out) }
}
