//! Layers in a `RematScope` train to the same bits.

use rhyton_base::Result;
use rhyton_model::{Fit, Model, Sequential};
use rhyton_nn::layers::{
    ActivityRegularization, AnyLayer, BatchNormalization, Dense, Dropout, Embedding, GlobalAveragePooling1D,
    LayerNormalization, RematMode, RematScope,
};
use rhyton_tensor::{SeedGenerator, Tensor, ops, set_random_seed};

/// Trains a model that is made in a scope; its weights.
fn train(mode: RematMode, layers: fn() -> Vec<AnyLayer>, x: &Tensor, y: &Tensor) -> Result<Vec<Vec<f32>>> {
    set_random_seed(4);
    let mut model = RematScope::new(mode).run(|| Model::from(Sequential::from(layers())));
    model.compile("adam", "mse", ["mae"])?;
    let history = model.fit(x, y, Fit::epochs(3).batch_size(16).verbose(0))?;
    let mut all: Vec<Vec<f32>> = model.weights().iter().map(|w| w.value().to_vec()).collect::<Result<_>>()?;
    all.push(history["loss"].iter().map(|&l| l as f32).collect());
    Ok(all)
}

#[test]
fn models_of_many_kinds_train_to_the_same_bits() -> Result<()> {
    let seeds = SeedGenerator::new(Some(1));
    let x = seeds.normal([40, 6], 0.0, 1.0, rhyton_tensor::DType::F32)?;
    let words = Tensor::from((0..280).map(|i| i * i % 11).collect::<Vec<i32>>()).reshape([40, 7])?;
    let y = ops::sum(&x, -1)?.reshape([40, 1])?;
    // Random numbers, averages that are assigned, losses of layers, a model inside.
    let dense = || -> Vec<AnyLayer> {
        let inner = Sequential::from([
            AnyLayer::from(Dense::new(16).activation("gelu")),
            AnyLayer::from(ActivityRegularization::new().l1(0.01).l2(0.02)),
        ]);
        vec![
            Dense::new(24).activation("relu").into(),
            BatchNormalization::new().into(),
            Dropout::new(0.4).into(),
            Model::from(inner).into(),
            Dense::new(1).into(),
        ]
    };
    // Masks that layers pass on.
    let masked = || -> Vec<AnyLayer> {
        vec![
            Embedding::new(20, 5).mask_zero(true).into(),
            LayerNormalization::new().into(),
            GlobalAveragePooling1D::new().into(),
            Dense::new(1).into(),
        ]
    };
    for (layers, x) in [(dense as fn() -> Vec<AnyLayer>, &x), (masked, &words)] {
        let kept = train(RematMode::Off, layers, x, &y)?;
        assert_eq!(kept, train(RematMode::Full, layers, x, &y)?);
        assert_eq!(kept, train(RematMode::LargerThan(100), layers, x, &y)?);
    }
    Ok(())
}
