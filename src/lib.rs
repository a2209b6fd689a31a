//! shirube (標, a signpost): balanced-scorecard KPI tracking for regional
//! professional-talent hubs.
//!
//! Layers point one way: `main → cli → http, notify → app → storage → domain`.
//! Start reading at [`http::routes`]; `ARCHITECTURE.md` walks the main request.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod http;
pub mod notify;
pub mod sheets;
pub mod storage;
