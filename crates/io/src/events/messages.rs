//! Events, summaries and tensors.

/// What is written at one time. Source: `tensorflow/core/util/event.proto`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    pub wall_time: f64,
    /// The step or epoch.
    #[prost(int64, tag = "2")]
    pub step: i64,
    /// Who wrote the file; in its first event.
    #[prost(message, optional, tag = "10")]
    pub source_metadata: Option<SourceMetadata>,
    /// What there is to say.
    #[prost(oneof = "event::What", tags = "3, 4, 5")]
    pub what: Option<event::What>,
}

/// What an [`Event`] may say.
pub mod event {
    /// One of these.
    #[derive(Clone, PartialEq, prost::Oneof)]
    pub enum What {
        /// The version of the file's form, `brain.Event:2`; in its first event.
        #[prost(string, tag = "3")]
        FileVersion(String),
        /// A [`GraphDef`](crate::events::GraphDef).
        #[prost(bytes, tag = "4")]
        GraphDef(Vec<u8>),
        /// Numbers, pictures, texts.
        #[prost(message, tag = "5")]
        Summary(super::Summary),
    }
}

/// Who wrote a file.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SourceMetadata {
    /// The program.
    #[prost(string, tag = "1")]
    pub writer: String,
}

/// Values with tags. Source: `tensorflow/core/framework/summary.proto`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Summary {
    /// The values.
    #[prost(message, repeated, tag = "1")]
    pub value: Vec<SummaryValue>,
}

/// A tensor with a tag.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SummaryValue {
    /// What curves, pictures and texts are called.
    #[prost(string, tag = "1")]
    pub tag: String,
    /// The value.
    #[prost(message, optional, tag = "8")]
    pub tensor: Option<TensorProto>,
    /// Which part of TensorBoard shows it; in the first value of a tag.
    #[prost(message, optional, tag = "9")]
    pub metadata: Option<SummaryMetadata>,
}

/// Which part of TensorBoard shows a value, and what it says about it.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SummaryMetadata {
    /// The part.
    #[prost(message, optional, tag = "1")]
    pub plugin_data: Option<PluginData>,
    /// A description in Markdown.
    #[prost(string, tag = "3")]
    pub summary_description: String,
}

/// A part of TensorBoard, and what it alone understands.
#[derive(Clone, PartialEq, prost::Message)]
pub struct PluginData {
    /// Its name: `scalars`.
    #[prost(string, tag = "1")]
    pub plugin_name: String,
    /// What it alone understands.
    #[prost(bytes = "vec", tag = "2")]
    pub content: Vec<u8>,
}

/// A tensor: numbers as little-endian bytes, or texts. Source: `tensorflow/core/framework/tensor.proto`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct TensorProto {
    /// 1 for `float32`, 2 for `float64`, 7 for texts.
    #[prost(int32, tag = "1")]
    pub dtype: i32,
    /// The shape.
    #[prost(message, optional, tag = "2")]
    pub tensor_shape: Option<TensorShapeProto>,
    /// The numbers.
    #[prost(bytes = "vec", tag = "4")]
    pub tensor_content: Vec<u8>,
    /// The texts.
    #[prost(bytes = "vec", repeated, tag = "8")]
    pub string_val: Vec<Vec<u8>>,
}

/// A shape.
#[derive(Clone, PartialEq, prost::Message)]
pub struct TensorShapeProto {
    /// The lengths.
    #[prost(message, repeated, tag = "2")]
    pub dim: Vec<Dim>,
}

/// One length of a shape.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Dim {
    /// The length; −1 where it is unknown.
    #[prost(int64, tag = "1")]
    pub size: i64,
}

impl TensorProto {
    fn of(dtype: i32, shape: &[usize]) -> TensorProto {
        let dim = shape.iter().map(|n| Dim { size: *n as i64 }).collect();
        TensorProto { dtype, tensor_shape: Some(TensorShapeProto { dim }), ..TensorProto::default() }
    }

    /// A single number in `float32`.
    pub fn scalar(value: f32) -> TensorProto {
        TensorProto { tensor_content: value.to_le_bytes().to_vec(), ..TensorProto::of(1, &[]) }
    }

    /// Numbers in `float32`, a list.
    pub fn floats(values: &[f32]) -> TensorProto {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        TensorProto { tensor_content: bytes, ..TensorProto::of(1, &[values.len()]) }
    }

    /// Numbers in `float64`.
    pub fn doubles(shape: &[usize], values: &[f64]) -> TensorProto {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        TensorProto { tensor_content: bytes, ..TensorProto::of(2, shape) }
    }

    /// Texts, or other bytes: one without a shape, or a list.
    pub fn texts(shape: &[usize], texts: Vec<Vec<u8>>) -> TensorProto {
        TensorProto { string_val: texts, ..TensorProto::of(7, shape) }
    }
}
