//! Tests of the outlook: each formula with figures worked by hand.

mod formulas;
