//! Hyperparameters. Source: `tensorboard/plugins/hparams/plugin_data.proto`.

use prost::Message;
use std::collections::BTreeMap;

/// What the part of TensorBoard for hyperparameters understands.
#[derive(Clone, PartialEq, prost::Message)]
pub struct HParamsPluginData {
    /// 0.
    #[prost(int32, tag = "1")]
    pub version: i32,
    /// What is said.
    #[prost(oneof = "hparams_plugin_data::Data", tags = "3, 4")]
    pub data: Option<hparams_plugin_data::Data>,
}

impl HParamsPluginData {
    /// The message's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode_to_vec()
    }
}

/// What [`HParamsPluginData`] may say.
pub mod hparams_plugin_data {
    /// One of these.
    #[derive(Clone, PartialEq, prost::Oneof)]
    pub enum Data {
        /// A trial begins.
        #[prost(message, tag = "3")]
        SessionStartInfo(super::SessionStartInfo),
        /// A trial has ended.
        #[prost(message, tag = "4")]
        SessionEndInfo(super::SessionEndInfo),
    }
}

/// A trial begins.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SessionStartInfo {
    /// Its hyperparameters.
    #[prost(btree_map = "string, message", tag = "1")]
    pub hparams: BTreeMap<String, HParam>,
    /// Trials of one name have the same hyperparameters.
    #[prost(string, tag = "4")]
    pub group_name: String,
    /// Seconds since 1970.
    #[prost(double, tag = "5")]
    pub start_time_secs: f64,
}

/// A trial has ended.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct SessionEndInfo {
    /// 1 for success, 2 for failure.
    #[prost(int32, tag = "1")]
    pub status: i32,
    /// Seconds since 1970.
    #[prost(double, tag = "2")]
    pub end_time_secs: f64,
}

/// The value of a hyperparameter: a number, a text, or yes or no.
#[derive(Clone, PartialEq, prost::Message)]
pub struct HParam {
    /// The value.
    #[prost(oneof = "hparam::Kind", tags = "2, 3, 4")]
    pub kind: Option<hparam::Kind>,
}

/// What an [`HParam`] may be; the message is `google.protobuf.Value`.
pub mod hparam {
    /// One of these.
    #[derive(Clone, PartialEq, prost::Oneof)]
    pub enum Kind {
        /// A number.
        #[prost(double, tag = "2")]
        Number(f64),
        /// A text.
        #[prost(string, tag = "3")]
        Text(String),
        /// Yes or no.
        #[prost(bool, tag = "4")]
        Bool(bool),
    }
}

impl From<f64> for HParam {
    fn from(v: f64) -> HParam {
        HParam { kind: Some(hparam::Kind::Number(v)) }
    }
}

impl From<i32> for HParam {
    fn from(v: i32) -> HParam {
        HParam::from(f64::from(v))
    }
}

impl From<usize> for HParam {
    fn from(v: usize) -> HParam {
        HParam::from(v as f64)
    }
}

impl From<bool> for HParam {
    fn from(v: bool) -> HParam {
        HParam { kind: Some(hparam::Kind::Bool(v)) }
    }
}

impl From<&str> for HParam {
    fn from(v: &str) -> HParam {
        HParam { kind: Some(hparam::Kind::Text(v.to_string())) }
    }
}

impl From<String> for HParam {
    fn from(v: String) -> HParam {
        HParam { kind: Some(hparam::Kind::Text(v)) }
    }
}
