//! Functions that reshape, join, cut and rearrange, against NumPy and Keras.

use rhyton::ops::{self, PadMode, Repeats};
use rhyton::{Axes, Error, Result, Sections, Tensor};
use rhyton_testkit::cases::{self, Kw};
use rhyton_testkit::fuzz::{self, skipped};

#[test]
fn shape() {
    cases::run("shape", dispatch);
}

#[test]
fn wrong_calls_are_errors() {
    fuzz::run("shape", dispatch);
}

/// An axis or several; all where none is given.
fn axes(kw: &Kw) -> Axes {
    match kw.get("axis") {
        None => Axes::from(..),
        Some(v) if v.is_array() => Axes::from(&kw.ints("axis").unwrap()[..]),
        Some(_) => Axes::from(kw.int("axis").unwrap()),
    }
}

fn sections(kw: &Kw) -> Sections {
    match kw.ints("indices") {
        Some(cuts) => Sections::At(cuts),
        None => Sections::Equal(kw.int("sections").unwrap()),
    }
}

/// A size that memory holds easily or never; what lies between only takes long.
fn size(n: isize) -> Result<usize> {
    if (1 << 16..1 << 40).contains(&n) {
        return skipped();
    }
    Ok(n as usize)
}

fn sizes(list: Vec<isize>) -> Result<Vec<usize>> {
    list.into_iter().map(size).collect()
}

fn dispatch(name: &str, x: &[Tensor], kw: &Kw) -> Result<Vec<Tensor>> {
    let all: Vec<&Tensor> = x.iter().collect();
    let int = |name: &str| kw.int(name).unwrap();
    let one = match name {
        "reshape" => ops::reshape(&x[0], kw.ints("newshape").unwrap()),
        "ravel" => ops::ravel(&x[0]),
        "transpose" => ops::transpose(&x[0], kw.ints("axes").as_deref()),
        "broadcast_to" => ops::broadcast_to(&x[0], &kw.sizes("shape").unwrap()),
        "expand_dims" => ops::expand_dims(&x[0], axes(kw)),
        "squeeze" => ops::squeeze(&x[0], axes(kw)),
        "moveaxis" => ops::moveaxis(&x[0], &kw.ints("source").unwrap(), &kw.ints("destination").unwrap()),
        "swapaxes" => ops::swapaxes(&x[0], int("axis1"), int("axis2")),
        "view" => ops::view(&x[0], kw.text("dtype").unwrap().parse()?),
        "concatenate" => ops::concatenate(&all, int("axis")),
        "stack" => ops::stack(&all, int("axis")),
        "hstack" => ops::hstack(&all),
        "vstack" => ops::vstack(&all),
        "dstack" => ops::dstack(&all),
        "column_stack" => ops::column_stack(&all),
        "append" => ops::append(&x[0], &x[1], kw.int("axis")),
        "split" => return ops::split(&x[0], sections(kw), int("axis")),
        "array_split" => return ops::array_split(&x[0], sections(kw), int("axis")),
        "hsplit" => return ops::hsplit(&x[0], sections(kw)),
        "vsplit" => return ops::vsplit(&x[0], sections(kw)),
        "dsplit" => return ops::dsplit(&x[0], sections(kw)),
        "unstack" => return ops::unstack(&x[0], int("axis")),
        "flip" => ops::flip(&x[0], axes(kw)),
        "fliplr" => ops::fliplr(&x[0]),
        "flipud" => ops::flipud(&x[0]),
        "roll" => ops::roll(&x[0], &kw.ints("shift").unwrap(), kw.ints("axis").as_deref()),
        "rot90" => {
            let [a, b] = kw.ints("axes").unwrap()[..] else { return Err(Error::value("two axes")) };
            ops::rot90(&x[0], int("k"), [a, b])
        }
        "tile" => ops::tile(&x[0], &sizes(kw.ints("repeats").unwrap())?),
        "repeat" => {
            let several = kw.get("repeats").unwrap().is_array();
            let repeats = match several {
                true => Repeats::from(sizes(kw.ints("repeats").unwrap())?),
                false => Repeats::from(size(int("repeats"))?),
            };
            ops::repeat(&x[0], repeats, kw.int("axis"))
        }
        "pad" => {
            let pairs = kw.get("pad_width").unwrap().as_array().unwrap();
            let width = |v: &serde_json::Value, i: usize| size(v[i].as_i64().unwrap_or(-1) as isize);
            let pair = |p| Ok((width(p, 0)?, width(p, 1)?));
            let widths = pairs.iter().map(pair).collect::<Result<Vec<(usize, usize)>>>()?;
            let mode: PadMode = kw.text("mode").unwrap().parse()?;
            let constant = kw.float("constant_values").map(PadMode::constant);
            ops::pad(&x[0], &widths, constant.unwrap_or(mode))
        }
        "diff" => ops::diff(&x[0], int("n") as usize, int("axis")),
        "extract_sequences" => {
            ops::extract_sequences(&x[0], int("sequence_length") as usize, int("sequence_stride") as usize)
        }
        "depth_to_space" => {
            ops::depth_to_space(&x[0], int("block_size") as usize, kw.text("data_format").unwrap())
        }
        "space_to_depth" => {
            ops::space_to_depth(&x[0], int("block_size") as usize, kw.text("data_format").unwrap())
        }
        "rearrange" => {
            let sizes = kw.get("sizes").unwrap().as_object().unwrap();
            let sizes: Vec<(&str, usize)> =
                sizes.iter().map(|(name, n)| (name.as_str(), n.as_u64().unwrap() as usize)).collect();
            ops::rearrange(&x[0], kw.text("pattern").unwrap(), &sizes)
        }
        "diag" => ops::diag(&x[0], int("k")),
        "diagflat" => ops::diagflat(&x[0], int("k")),
        "tril" => ops::tril(&x[0], int("k")),
        "triu" => ops::triu(&x[0], int("k")),
        "diagonal" => ops::diagonal(&x[0], int("offset"), int("axis1"), int("axis2")),
        "trace" => ops::trace(&x[0], int("offset"), int("axis1"), int("axis2")),
        "vander" => ops::vander(&x[0], kw.int("N").map(size).transpose()?, kw.flag("increasing")),
        other => panic!("no function {other}"),
    };
    Ok(vec![one?])
}
