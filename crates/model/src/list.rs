//! Lists of things of different types: arrays where the types are alike, tuples where they are not.

use rhyton_nn::Spec;
use rhyton_nn::layers::AnyLayer;
use rhyton_nn::metrics::Metric;

/// Several layers: an array or vector of one type, or a tuple of different ones.
///
/// ```
/// use rhyton_model::Sequential;
/// use rhyton_nn::layers::{Dense, Dropout, Input};
/// let model = Sequential::from((Input::new([4]), Dense::new(8), Dropout::new(0.5), Dense::new(1)));
/// assert_eq!(model.layers().len(), 3);
/// let model = Sequential::from([Dense::new(8), Dense::new(1)]);
/// assert_eq!(model.layers().len(), 2);
/// ```
pub trait LayerList {
    /// The layers.
    fn into_layers(self) -> Vec<AnyLayer>;
}

/// Several metrics: an array or vector of names or of objects, a tuple of both, one alone, or `()` for none.
pub trait MetricList {
    /// The metrics.
    fn into_metrics(self) -> Vec<Spec<dyn Metric>>;
}

impl<L: Into<AnyLayer>, const N: usize> LayerList for [L; N] {
    fn into_layers(self) -> Vec<AnyLayer> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<L: Into<AnyLayer>> LayerList for Vec<L> {
    fn into_layers(self) -> Vec<AnyLayer> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<M: Into<Spec<dyn Metric>>, const N: usize> MetricList for [M; N] {
    fn into_metrics(self) -> Vec<Spec<dyn Metric>> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<M: Into<Spec<dyn Metric>>> MetricList for Vec<M> {
    fn into_metrics(self) -> Vec<Spec<dyn Metric>> {
        self.into_iter().map(Into::into).collect()
    }
}

impl MetricList for &str {
    fn into_metrics(self) -> Vec<Spec<dyn Metric>> {
        vec![self.into()]
    }
}

impl MetricList for () {
    fn into_metrics(self) -> Vec<Spec<dyn Metric>> {
        Vec::new()
    }
}

macro_rules! tuples {
    ($($($T:ident)+;)*) => {$(
        impl<$($T: Into<AnyLayer>),+> LayerList for ($($T,)+) {
            fn into_layers(self) -> Vec<AnyLayer> {
                #[allow(non_snake_case)] // The names of the types serve for the places too.
                let ($($T,)+) = self;
                vec![$($T.into()),+]
            }
        }
        impl<$($T: Into<Spec<dyn Metric>>),+> MetricList for ($($T,)+) {
            fn into_metrics(self) -> Vec<Spec<dyn Metric>> {
                #[allow(non_snake_case)]
                let ($($T,)+) = self;
                vec![$($T.into()),+]
            }
        }
    )*};
}
tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
}
