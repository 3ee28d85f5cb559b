//! The programs of the guide, as tests.

#[doc = include_str!("../../../docs/guide/chapter-2.md")]
struct Chapter2;

#[doc = include_str!("../../../docs/guide/chapter-3.md")]
struct Chapter3;

#[doc = include_str!("../../../docs/guide/chapter-4.md")]
struct Chapter4;

#[doc = include_str!("../../../docs/guide/chapter-5.md")]
struct Chapter5;

#[doc = include_str!("../../../docs/guide/chapter-6.md")]
struct Chapter6;

#[doc = include_str!("../../../docs/guide/chapter-7.md")]
struct Chapter7;
