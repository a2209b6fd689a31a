//! What every event says, kept in files, and what holds for any event.

mod fixtures;
mod formats;
mod limits;
