//! Finding what is not a finite number: in an array, and among the results of layers.

use rhyton_base::Result;
use rhyton_tensor::{Tensor, ops};
use std::cell::RefCell;

/// Numbers of an array that are NaN or infinite.
#[derive(Clone, Debug, PartialEq)]
pub struct NotFinite {
    /// Where the first of them is, by axes.
    pub place: Vec<usize>,
    /// The first of them.
    pub value: f64,
    /// How many there are.
    pub count: usize,
}

/// The numbers of an array that are NaN or infinite; nothing where all are finite, or no floats.
///
/// ```
/// use rhyton_nn::numerics::not_finite;
/// use rhyton_tensor::Tensor;
/// let found = not_finite(&Tensor::from([[1.0f32, 2.0], [3.0, f32::INFINITY]]))?.unwrap();
/// assert_eq!((found.place, found.value, found.count), (vec![1, 1], f64::INFINITY, 1));
/// assert_eq!(not_finite(&Tensor::from([1.0f32]))?, None);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// # Errors
/// Where the tensor has no numbers because it is symbolic or part of a trace.
pub fn not_finite(x: &Tensor) -> Result<Option<NotFinite>> {
    if !x.dtype().is_float() || ops::all(&ops::isfinite(x)?, ..)?.item::<bool>()? {
        return Ok(None);
    }
    let numbers = x.to_f64s()?;
    let mut wrong = numbers.iter().enumerate().filter(|(_, n)| !n.is_finite());
    let Some((first, &value)) = wrong.next() else { return Ok(None) };
    let mut place = vec![0; x.rank()];
    let mut rest = first;
    for (axis, &size) in x.shape().iter().enumerate().rev() {
        (place[axis], rest) = (rest % size, rest / size);
    }
    Ok(Some(NotFinite { place, value, count: 1 + wrong.count() }))
}

thread_local! {
    /// While somebody watches: the first layer with such a result, once there is one.
    static WATCH: RefCell<Option<Option<Culprit>>> = const { RefCell::new(None) };
}

/// A layer or operation with a result that is not finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Culprit {
    /// Class and name.
    pub who: String,
    /// What was found in the result.
    pub found: NotFinite,
}

/// Runs `f`, and says which layer or operation that it calls is the first to give NaN or infinity. Results of traced
/// functions are not looked at.
///
/// ```
/// use rhyton_nn::layers::{AnyLayer, Dense};
/// use rhyton_nn::numerics::first_not_finite;
/// use rhyton_tensor::Tensor;
/// let first = AnyLayer::from(Dense::new(1).kernel_initializer("ones").name("first"));
/// let second = AnyLayer::from(Dense::new(1).name("second"));
/// let x = Tensor::from([[3e38f32, 3e38]]);
/// let (_, culprit) = first_not_finite(|| second.call(&first.call(&x)?));
/// assert_eq!(culprit.unwrap().who, "Dense \"first\"");
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn first_not_finite<R>(f: impl FnOnce() -> R) -> (R, Option<Culprit>) {
    struct Before(Option<Option<Culprit>>);
    impl Drop for Before {
        fn drop(&mut self) {
            WATCH.replace(self.0.take());
        }
    }
    let _before = Before(WATCH.replace(Some(None)));
    let result = f();
    (result, WATCH.take().flatten())
}

/// Looks at the results of a layer or an operation, if somebody watches and nothing has been found before.
pub fn look(who: impl FnOnce() -> String, results: &[Tensor]) {
    if WATCH.with_borrow(|w| !matches!(w, Some(None))) {
        return;
    }
    // What has no numbers here has nothing to be looked at.
    let found = results.iter().find_map(|y| not_finite(y).ok().flatten());
    if let Some(found) = found {
        WATCH.set(Some(Some(Culprit { who: who(), found })));
    }
}
