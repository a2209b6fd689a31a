//! Sending notices to real receivers on this machine.
