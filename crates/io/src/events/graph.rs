//! Graphs of operations. Source: `tensorflow/core/framework/graph.proto`, `node_def.proto`, `attr_value.proto`.

use prost::Message;
use std::collections::BTreeMap;

/// A graph of operations.
#[derive(Clone, PartialEq, prost::Message)]
pub struct GraphDef {
    /// The operations.
    #[prost(message, repeated, tag = "1")]
    pub node: Vec<NodeDef>,
    /// Of what is said here.
    #[prost(message, optional, tag = "4")]
    pub versions: Option<VersionDef>,
}

impl GraphDef {
    /// The message's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode_to_vec()
    }
}

/// The version of a graph's form.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct VersionDef {
    /// That of the program which wrote it.
    #[prost(int32, tag = "1")]
    pub producer: i32,
}

/// An operation.
#[derive(Clone, PartialEq, prost::Message)]
pub struct NodeDef {
    /// The name; `/` stands between the boxes around it.
    #[prost(string, tag = "1")]
    pub name: String,
    /// What it does.
    #[prost(string, tag = "2")]
    pub op: String,
    /// The names of what it takes.
    #[prost(string, repeated, tag = "3")]
    pub input: Vec<String>,
    /// What else there is to say.
    #[prost(btree_map = "string, message", tag = "5")]
    pub attr: BTreeMap<String, AttrValue>,
}

/// A value of an attribute.
#[derive(Clone, PartialEq, prost::Message)]
pub struct AttrValue {
    /// The value.
    #[prost(oneof = "attr_value::Value", tags = "2")]
    pub value: Option<attr_value::Value>,
}

/// What an [`AttrValue`] may be.
pub mod attr_value {
    /// One of these.
    #[derive(Clone, PartialEq, prost::Oneof)]
    pub enum Value {
        /// A text.
        #[prost(bytes, tag = "2")]
        S(Vec<u8>),
    }
}
