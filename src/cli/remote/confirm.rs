//! Asking the person at the terminal.

use std::io::{IsTerminal as _, Write as _, stderr, stdin};

/// What a person answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    Yes,
    No,
    /// There is no terminal at which anybody could answer.
    Nobody,
}

/// Asks a question of yes or no; anything but a yes is a no.
pub fn confirm(question: &str) -> Confirmation {
    if !stdin().is_terminal() || !stderr().is_terminal() {
        return Confirmation::Nobody;
    }
    let asked = write!(stderr(), "{question} [y/N] ").and_then(|()| stderr().flush());
    let mut answer = String::new();
    if asked.and_then(|()| stdin().read_line(&mut answer)).is_err() {
        return Confirmation::Nobody;
    }
    if is_yes(&answer) {
        Confirmation::Yes
    } else {
        Confirmation::No
    }
}

fn is_yes(answer: &str) -> bool {
    // As typed with a Japanese keyboard, too.
    ["y", "yes", "ｙ", "はい"].contains(&answer.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_a_yes() {
        for (answer, expected) in [
            ("y\n", true),
            ("YES\r\n", true),
            ("Ｙ\n", true),
            ("はい\n", true),
            ("\n", false),
            ("n\n", false),
            ("yeah\n", false),
        ] {
            assert_eq!(is_yes(answer), expected, "{answer:?}");
        }
    }
}
