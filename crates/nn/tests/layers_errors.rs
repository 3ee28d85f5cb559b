//! What users are told when layers get arguments or inputs that do not fit; and masks from end to end.

use rhyton_base::Result;
use rhyton_nn::DataFormat;
use rhyton_nn::layers::*;
use rhyton_tensor::{DType, Tensor, ops};
use serde_json::{Value, json};

#[track_caller]
fn says<T>(result: Result<T>, expected: &str) {
    match result {
        Ok(_) => panic!("expected an error: {expected}"),
        Err(e) => assert_eq!(e.to_string(), expected),
    }
}

fn zeros<const N: usize>(shape: [usize; N]) -> Tensor {
    ops::zeros(shape, DType::F32).unwrap()
}

#[test]
fn core_layers() {
    let x = zeros([2, 3]);
    says(Dense::new(0).name("a").call(&x), "Dense \"a\": expected at least 1 unit, got 0");
    says(
        Embedding::new(0, 3).name("a").call(&x),
        "Embedding \"a\": expected input_dim and output_dim to be 1 or more, got 0 and 3",
    );
    let outside = Embedding::new(4, 2).name("a").call(&Tensor::from([[1, 4]])).unwrap_err().to_string();
    assert!(outside.starts_with("Embedding \"a\": ") && outside.contains('4'), "{outside}");
    says(
        Masking::new(0.0).name("a").call(&Tensor::from(1.0f32)),
        "Masking \"a\": expected at least one axis, got a scalar (shape ())",
    );
    says(
        Lambda::new("f", |x| ops::reshape(x, [7])).name("a").call(&x),
        "Lambda \"a\": f: reshape: a tensor of shape (2, 3) (6 elements) cannot take the shape (7,)",
    );
    says(Dense::new(2).name("a").call([&x, &x]), "Dense \"a\": expected one input, got 2");
}

#[test]
fn activation_layers() {
    let x = zeros([2, 3]);
    says(
        ReLU::new().max_value(-1.0).name("a").call(&x),
        "ReLU \"a\": expected max_value to be 0 or more, got -1",
    );
    says(
        ReLU::new().threshold(f64::NAN).name("a").call(&x),
        "ReLU \"a\": expected threshold to be 0 or more, got NaN",
    );
    says(
        LeakyReLU::new().negative_slope(-0.1).name("a").call(&x),
        "LeakyReLU \"a\": expected negative_slope to be 0 or more, got -0.1",
    );
    says(
        PReLU::new().shared_axes([2]).name("a").call(&x),
        "PReLU \"a\": expected shared_axes to be axes of samples, from 1 to 1, got 2 (input shape (None, 3))",
    );
    let prelu = AnyLayer::from(PReLU::new().name("a"));
    prelu.call(&x).unwrap();
    says(
        prelu.call(&zeros([2, 4])),
        "PReLU \"a\": expected samples that fit alpha of shape (3,), got input shape (2, 4); make a new layer for this \
         data",
    );
    says(
        Softmax::new().axis(2).name("a").call(&x),
        "Softmax \"a\": axis of input shape (2, 3): axis 2 is out of bounds for a tensor of rank 2; use -2 to 1",
    );
    let masked = x.with_mask(Some(Tensor::from([true, false])));
    says(
        Softmax::new().name("a").call(&masked),
        "Softmax \"a\": the mask must broadcast against the input, got mask shape (2,) for input shape (2, 3)",
    );
}

#[test]
fn normalization_layers() {
    let x = zeros([2, 3]);
    says(
        BatchNormalization::new().axis(2).name("a").call(&x),
        "BatchNormalization \"a\": axis 2 is out of bounds for a tensor of rank 2; use -2 to 1",
    );
    says(
        AnyLayer::from(BatchNormalization::new().name("a")).build(&[None, None].into()),
        "BatchNormalization \"a\": the size of axis 1 must be known to create weights, got input shape (None, None); \
         give it in Input::new",
    );
    let batch = AnyLayer::from(BatchNormalization::new().name("a"));
    batch.call(&x).unwrap();
    says(
        batch.call(&zeros([2, 4])),
        "BatchNormalization \"a\": expected an input of 2 axes with 3 features along axis -1, got shape (2, 4); make a \
         new layer for this data",
    );
    let masked = x.with_mask(Some(zeros([2, 3])));
    says(
        batch.call_in(&masked, &CallCx::TRAINING),
        "BatchNormalization \"a\": expected a mask with one axis less than the input, got mask shape (2, 3) for input \
         shape (2, 3)",
    );
    says(
        LayerNormalization::new().axis([1, -1]).name("a").call(&x),
        "LayerNormalization \"a\": axis of input shape (None, 3): axes [1, -1] name an axis twice (rank 2)",
    );
    let layer = AnyLayer::from(LayerNormalization::new().name("a"));
    layer.call(&x).unwrap();
    says(
        layer.call(&zeros([2, 4])),
        "LayerNormalization \"a\": expected sizes [3] along axes [1], got input shape (2, 4); make a new layer for this \
         data",
    );
    says(
        GroupNormalization::new().groups(2).name("a").call(&x),
        "GroupNormalization \"a\": expected groups to divide the 3 channels (axis -1 of input shape (None, 3)), got 2",
    );
    says(
        GroupNormalization::new().groups(0).name("a").call(&x),
        "GroupNormalization \"a\": expected groups to be 1 or more, or -1, got 0",
    );
    says(
        GroupNormalization::new().axis(0).name("a").call(&x),
        "GroupNormalization \"a\": axis 0 is the batch; use the axis of the channels",
    );
    let rms = AnyLayer::from(RMSNormalization::new().name("a"));
    rms.call(&x).unwrap();
    says(
        rms.call(&zeros([2, 4])),
        "RMSNormalization \"a\": expected sizes [3] along axes [1], got input shape (2, 4); make a new layer for this \
         data",
    );
    says(
        SpectralNormalization::new(Dense::new(2)).power_iterations(0).name("a").call(&x),
        "SpectralNormalization \"a\": expected power_iterations to be 1 or more, got 0",
    );
    says(
        SpectralNormalization::new(Dropout::new(0.5).name("b")).name("a").call(&x),
        "SpectralNormalization \"a\": Dropout \"b\" has neither a kernel nor embeddings to normalize",
    );
}

#[test]
fn noise_layers() {
    let x = zeros([2, 3]);
    says(
        GaussianDropout::new(1.0).name("a").call(&x),
        "GaussianDropout \"a\": expected rate to be in [0, 1), got 1",
    );
    says(
        GaussianNoise::new(1.5).name("a").call(&x),
        "GaussianNoise \"a\": expected stddev to be in [0, 1], got 1.5",
    );
    says(
        AlphaDropout::new(-0.5).name("a").call(&x),
        "AlphaDropout \"a\": expected rate to be in [0, 1], got -0.5",
    );
    says(
        AlphaDropout::new(0.5).noise_shape([None, Some(2)]).name("a").call(&x),
        "AlphaDropout \"a\": noise_shape (None, 2) does not fit input shape (None, 3); each size must be 1, None or the \
         input's",
    );
    says(
        SpatialDropout2D::new(0.5).data_format(DataFormat::ChannelsFirst).name("a").call(&x),
        "SpatialDropout2D \"a\": expected an input of 4 axes (batch, channels, rows, columns), got shape (None, 3)",
    );
}

#[test]
fn reshaping_layers() {
    let x = zeros([2, 6]);
    says(
        Reshape::new([4, -1]).name("a").call(&x),
        "Reshape \"a\": samples of shape (6,) have 6 elements, which do not go into target_shape (4, -1)",
    );
    says(
        Reshape::new([-1, -1]).name("a").call(&x),
        "Reshape \"a\": expected target_shape of sizes, with at most one -1, got (-1, -1)",
    );
    says(
        Permute::new([0, 1]).name("a").call(&x),
        "Permute \"a\": expected dims to name each of the axes 1 to 2 once, got [0, 1]; the batch axis does not count",
    );
    says(
        Permute::new([2, 1]).name("a").call(&x),
        "Permute \"a\": expected an input of 3 axes for dims [2, 1] (the batch and those), got shape (2, 6)",
    );
    says(RepeatVector::new(0).name("a").call(&x), "RepeatVector \"a\": expected n to be 1 or more, got 0");
    says(
        Cropping1D::new(3).name("a").call(&zeros([1, 6, 2])),
        "Cropping1D \"a\": cropping by (3, 3) leaves nothing of an axis of size 6 (input shape (1, 6, 2))",
    );
    says(
        ZeroPadding2D::new(1).name("a").call(&x),
        "ZeroPadding2D \"a\": expected an input of 4 axes (batch, rows, columns, channels), got shape (2, 6)",
    );
    says(
        UpSampling2D::new([0, 2]).name("a").call(&zeros([1, 2, 2, 1])),
        "UpSampling2D \"a\": expected size to be 1 or more, got [0, 2]",
    );
    says(
        UpSampling2D::new([2, 2]).interpolation("bilinaer").name("a").call(&zeros([1, 2, 2, 1])),
        "UpSampling2D \"a\": expected the interpolation \"nearest\" or \"bilinear\" or \"bicubic\" or \"lanczos3\" or \"lanczos5\" or \"area\" or \"gaussian\" or \"mitchellcubic\", got \"bilinaer\"",
    );
    says(
        GlobalMaxPooling1D::new().name("a").call(&x),
        "GlobalMaxPooling1D \"a\": expected an input of 3 axes (batch, steps, features), got shape (2, 6)",
    );
}

#[test]
fn merging_layers() {
    let (a, b) = (zeros([2, 3]), zeros([2, 4]));
    let batches = "Add \"a\": cannot merge tensors of different batch sizes, got shapes (2, 3), (3, 3)";
    let add = AnyLayer::from(Add::new().name("a"));
    add.call([&a, &a]).unwrap();
    says(add.call([&a, &zeros([3, 3])]), batches);
    says(
        Add::new().name("a").call([&a, &b]),
        "Add \"a\": inputs have shapes that do not fit together: (None, 3), (None, 4); sizes must be equal or 1",
    );
    says(Add::new().name("a").call(&[] as &[Tensor]), "Add \"a\": expected at least 1 input, got 0");
    says(Subtract::new().name("a").call(&a), "Subtract \"a\": expected exactly 2 inputs, got 1");
    says(
        Concatenate::new().axis(1).name("a").call([&a, &zeros([2, 3, 1])]),
        "Concatenate \"a\": inputs must have equal shapes except along axis 1, got (None, 3), (None, 3, 1)",
    );
    says(
        Concatenate::new().axis(2).name("a").call([&a, &a]),
        "Concatenate \"a\": axis 2 is out of bounds for a tensor of rank 2; use -2 to 1",
    );
    says(
        Dot::new(-1).name("a").call([&a, &b]),
        "Dot \"a\": axis 1 of the first input and axis 1 of the second have different sizes, got shapes (None, 3), (None, \
         4)",
    );
    says(
        Dot::new((0, 1)).name("a").call([&a, &b]),
        "Dot \"a\": axis 0 is the batch, over which nothing is summed; use another axis",
    );
    says(Dot::new(1).name("a").call(&a), "Dot \"a\": expected exactly 2 inputs, got 1");
}

#[test]
fn files() {
    let read = |class: &str, config: Value| from_config(class, config.as_object().unwrap(), &mut Vec::new());
    says(read("Permute", json!({"name": "a"})), "Permute \"a\": key \"dims\" is missing");
    says(
        read("Cropping2D", json!({"name": "a", "cropping": [1, [2, 3, 4]]})),
        "Cropping2D \"a\": key \"cropping\": expected sizes or pairs of sizes, got [1,[2,3,4]]",
    );
    says(
        read("Flatten", json!({"name": "a", "data_format": "channels"})),
        "Flatten \"a\": key \"data_format\": expected the data format \"channels_last\" or \"channels_first\", got \
         \"channels\"",
    );
    says(
        read("BatchNormalization", json!({"name": "a", "renorm": true})),
        "BatchNormalization \"a\": key \"renorm\": this version normalizes plainly only",
    );
    says(
        read("Lambda", json!({"name": "a", "function": "never_registered_here"})),
        "Lambda \"a\": no function is registered as \"never_registered_here\"; call register_function before the file \
         is loaded",
    );
    says(
        read("Lambda", json!({"name": "a", "function": {"class_name": "__lambda__", "config": {}}})),
        "Lambda \"a\": key \"function\": the file holds Python code, which this program cannot run; save the model with \
         a named function, and register one of that name with register_function",
    );
    says(
        read("SpectralNormalization", json!({"name": "a", "layer": {"class_name": "Dens", "config": {}}})),
        "SpectralNormalization \"a\": key \"layer\": Dens: there is no layer of class \"Dens\"; did you mean \"Dense\"?; \
         a layer of one's own must be registered first with register_layer",
    );
    let mut warnings = Vec::new();
    let config = json!({"name": "a", "units": 2, "kernel_regularizer": {"class_name": "Mine", "config": {}}});
    from_config("Dense", config.as_object().unwrap(), &mut warnings).unwrap();
    assert!(
        warnings[0]
            .starts_with("Dense \"a\": \"kernel_regularizer\" was left out, it matters for training only: ")
    );
}

/// Embedding makes a mask, layers that know masks carry it on, pooling uses it, and reshaping ends it.
#[test]
fn masks_from_end_to_end() {
    let words = Tensor::from([[1, 2, 0, 0], [3, 0, 0, 0]]);
    let x = Embedding::new(5, 2).mask_zero(true).call(&words).unwrap();
    let carried = LayerNormalization::new().call(&Dropout::new(0.5).call(&x).unwrap()).unwrap();
    let carried = Dense::new(3).activation("relu").call(&carried).unwrap();
    let mask = [true, true, false, false, true, false, false, false];
    assert_eq!(carried.mask().unwrap().to_vec::<bool>().unwrap(), mask);

    let pooled = GlobalAveragePooling1D::new().call(&x).unwrap();
    assert!(pooled.mask().is_none());
    let rows = x.to_vec::<f32>().unwrap();
    let means = [(rows[0] + rows[2]) / 2.0, (rows[1] + rows[3]) / 2.0, rows[8], rows[9]];
    for (got, want) in pooled.to_vec::<f32>().unwrap().iter().zip(means) {
        assert!((got - want).abs() < 1e-6);
    }
    assert!(Reshape::new([8]).call(&x).unwrap().mask().is_none());

    // The mask of two inputs counts where one does.
    let other =
        Embedding::new(5, 2).mask_zero(true).call(&Tensor::from([[0, 0, 0, 4], [0, 0, 0, 0]])).unwrap();
    let both = add([&x, &other]).unwrap();
    let either = [true, true, false, true, true, false, false, false];
    assert_eq!(both.mask().unwrap().to_vec::<bool>().unwrap(), either);
    assert!(add([&x, &zeros([2, 4, 2])]).unwrap().mask().is_none());
}

#[test]
fn convolution_and_pooling() {
    let images = zeros([2, 5, 6, 3]);
    says(Conv2D::new(0, 3).name("a").call(&images), "Conv2D \"a\": expected at least 1 filter, got 0");
    says(
        Conv2D::new(4, [3, 3, 3]).name("a").call(&images),
        "Conv2D \"a\": kernel_size: expected a number or 2 numbers, got [3, 3, 3]",
    );
    says(
        Conv2D::new(4, 3).groups(2).name("a").call(&images),
        "Conv2D \"a\": expected channels that are a multiple of the 2 groups, got 3 (input shape (None, 5, 6, 3), \
         channels_last)",
    );
    says(
        Conv2D::new(4, 3).strides(2).dilation_rate(2).name("a").call(&images),
        "Conv2D \"a\": strides [2, 2] and a dilation rate [2, 2] above 1 do not go together",
    );
    says(
        Conv2D::new(4, 7).name("a").call(&images),
        "Conv2D \"a\": a window of 7 does not fit into axis 1 of 5 elements; use padding \"same\" or a smaller window",
    );
    says(
        Conv2D::new(4, 3).padding("causal").name("a").call(&images),
        "Conv2D \"a\": expected the padding \"valid\" or \"same\", got \"causal\"",
    );
    says(
        Conv1D::new(4, 3).name("a").call(&images),
        "Conv1D \"a\": expected an input of 3 axes (batch, steps, features), got shape (None, 5, 6, 3)",
    );
    let conv = AnyLayer::from(Conv2D::new(4, 3).name("a"));
    conv.call(&images).unwrap();
    says(
        conv.call(&zeros([2, 5, 6, 4])),
        "Conv2D \"a\": expected 3 channels, got 4 (input shape (2, 5, 6, 4), channels_last); give it such data, or make \
         a new layer for this data",
    );
    says(
        Conv2DTranspose::new(4, 3).strides(2).output_padding(2).name("a").call(&images),
        "Conv2DTranspose \"a\": expected output_padding smaller than strides [2, 2], got [2, 2]",
    );
    says(
        MaxPooling2D::new([2, 0]).name("a").call(&images),
        "MaxPooling2D \"a\": expected pool_size of 1 to 1073741824, got [2, 0]",
    );
}

#[test]
fn recurrent_and_attention() {
    let x = zeros([2, 5, 3]);
    says(
        LSTM::new(4).name("a").call(&zeros([2, 3])),
        "LSTM \"a\": expected an input of at least 3 axes (batch, steps, features), got shape (None, 3)",
    );
    says(
        LSTM::new(4).name("a").call([&x, &zeros([2, 4])]),
        "LSTM \"a\": expected 2 initial states behind the input, got 1",
    );
    says(
        GRU::new(4).name("a").call([&x, &zeros([2, 3])]),
        "GRU \"a\": expected shape (None, 4) of initial state 0, got (None, 3)",
    );
    says(
        RNN::new(Dense::new(2).name("b")).name("a").call(&x),
        "RNN \"a\": Dense \"b\" is no cell: it has no states; a cell is a layer whose state_sizes() gives the size of each",
    );
    says(
        Bidirectional::new(Dense::new(2).name("b")).name("a").call(&x),
        "Bidirectional \"a\": Dense \"b\" has no go_backwards; give it a recurrent layer",
    );
    says(
        MultiHeadAttention::new(2, 3).name("a").call(&x),
        "MultiHeadAttention \"a\": expected query and value, and a key if it is another, got 1 tensors; for \
         self-attention give the same tensor twice",
    );
    says(
        EinsumDense::new("ab.bc", [3]).name("a").call(&x),
        "EinsumDense \"a\": expected an equation such as \"ab,bc->ac\", \"...x,xy->...y\" or \"ax...,xy->ay...\", got \
         \"ab.bc\"",
    );
}

#[test]
fn states_are_kept_and_forgotten() {
    let layer = AnyLayer::from(GRU::new(3).stateful(true));
    let x = ops::ones([2, 4, 3], DType::F32).unwrap();
    let first = layer.call(&x).unwrap();
    assert!(!layer.call(&x).unwrap().bit_equal(&first));
    layer.reset_state().unwrap();
    assert!(layer.call(&x).unwrap().bit_equal(&first));
    let message = layer.call(&ops::ones([3, 4, 3], DType::F32).unwrap()).unwrap_err().to_string();
    assert!(message.contains("expected a batch of 2"), "{message}");
}

#[test]
fn dropout_of_recurrent_layers_is_the_same_at_all_steps() {
    let ones = ops::ones([64, 6, 8], DType::F32).unwrap();
    let sums =
        SimpleRNN::new(1).activation("linear").kernel_initializer("ones").recurrent_initializer("zeros");
    let layer = AnyLayer::from(sums.dropout(0.5).seed(3).return_sequences(true));
    assert_eq!(layer.call(&ones).unwrap().to_vec::<f32>().unwrap(), vec![8.0; 64 * 6]);
    let y = layer.call_in(&ones, &CallCx::TRAINING).unwrap().to_vec::<f32>().unwrap();
    assert!(y.chunks(6).all(|steps| steps.iter().all(|&v| v == steps[0])));
    assert!(y.chunks(6).any(|steps| steps[0] != y[0]));
}
