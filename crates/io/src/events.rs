//! Event files, which TensorBoard reads: records with checksums, each an [`Event`] in the form of protocol buffers.
//!
//! A record is `length: u64, masked CRC-32C of the length: u32, data, masked CRC-32C of the data: u32`, all
//! little-endian. The messages are those fields of TensorFlow's and TensorBoard's that are written here; their numbers
//! are fixed for ever.
//!
//! Source: `tensorflow/core/lib/io/record_writer.cc`, `tensorflow/core/util/event.proto`,
//! `tensorflow/core/framework/summary.proto`, `tensorboard/plugins/hparams/plugin_data.proto`.

mod graph;
mod hparams;
mod messages;
mod record;
mod writer;

pub use graph::{AttrValue, GraphDef, NodeDef, VersionDef, attr_value};
pub use hparams::{HParam, HParamsPluginData, SessionEndInfo, SessionStartInfo, hparam, hparams_plugin_data};
pub use messages::{
    Dim, Event, PluginData, SourceMetadata, Summary, SummaryMetadata, SummaryValue, TensorProto,
    TensorShapeProto, event,
};
pub use record::read_events;
pub use writer::EventWriter;
