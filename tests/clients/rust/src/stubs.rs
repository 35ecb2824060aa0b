//! The generated code; each package is a module: `stubs::protocube::core::v1`.

#![allow(dead_code, reason = "this client uses a small part of it")]

include!(concat!(env!("OUT_DIR"), "/stubs.rs"));
