//! What the source promises about itself: the layers, the libraries that each
//! of them knows, the size of its files, and the variables that it reads.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use shirube::config::VARIABLES;

/// Lines of a source file at most.
const LINES_MAX: usize = 700;

/// Each layer with those that it may use: those below it, and the two leaves
/// beside them.
const LAYERS: [(&str, &[&str]); 10] = [
    ("main", &["cli"]),
    (
        "cli",
        &[
            "http", "notify", "app", "storage", "sheets", "domain", "config", "clock",
        ],
    ),
    // What may be called is checked when it is registered, too.
    (
        "http",
        &[
            "notify", "app", "storage", "sheets", "domain", "config", "clock",
        ],
    ),
    // Bytes of files to cells and back, beside the operations that use the cells.
    ("sheets", &["domain"]),
    ("notify", &["app", "storage", "domain", "config", "clock"]),
    ("app", &["storage", "domain"]),
    ("storage", &["domain"]),
    ("domain", &[]),
    ("config", &[]),
    ("clock", &[]),
];

/// Libraries, and the files that may know them.
const LIBRARIES: [(&str, &[&str]); 25] = [
    ("diesel", &["storage"]),
    ("diesel_migrations", &["storage"]),
    ("actix_web", &["http", "cli/serve.rs"]),
    ("utoipa", &["http"]),
    ("utoipa_actix_web", &["http"]),
    ("utoipa_swagger_ui", &["http"]),
    ("rust_embed", &["http/dashboard.rs"]),
    ("jsonwebtoken", &["http"]),
    ("clap", &["cli", "main.rs"]),
    ("askama", &["app/messages"]),
    ("rand", &["app/secrets.rs", "cli/demo", "notify/worker.rs"]),
    (
        "csv",
        &["sheets", "http/fact_rows.rs", "cli/remote/output.rs"],
    ),
    ("encoding_rs", &["sheets"]),
    ("chardetng", &["sheets"]),
    ("quick_xml", &["sheets"]),
    ("rust_xlsxwriter", &["sheets"]),
    ("reqwest", &["notify"]),
    ("hyper", &["notify/failure.rs"]),
    ("rustls", &["notify/failure.rs"]),
    // Configuration parses the sender's address where it reads it.
    ("lettre", &["notify", "config"]),
    ("aws_lc_rs", &["notify/sign.rs", "app/sealing.rs"]),
    ("shirube_client", &["cli/remote"]),
    ("comfy_table", &["cli/remote/output.rs"]),
    ("console", &["cli/remote/output.rs"]),
    ("indicatif", &["cli/remote/output.rs"]),
];

/// What the rules of the domain must not touch: they are functions.
const OUTSIDE_OF_THE_DOMAIN: [&str; 7] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::time",
    "std::thread",
    "std::process",
    "std::io",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file, by its path below `src/`.
fn sources() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root().join("src")).unwrap();
                let name = name.to_str().unwrap().replace('\\', "/");
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    assert!(files.len() > 50, "only {} files found", files.len());
    files
}

/// Source without comments and the contents of strings and characters.
fn code(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let characters: Vec<char> = source.chars().collect();
    let at = |index: usize| characters.get(index).copied().unwrap_or(' ');
    let mut index = 0;
    while index < characters.len() {
        match (at(index), at(index + 1)) {
            ('/', '/') => {
                while index < characters.len() && at(index) != '\n' {
                    index += 1;
                }
            }
            ('r', '"' | '#') if !at(index.wrapping_sub(1)).is_alphanumeric() => {
                let hashes = characters[index + 1..]
                    .iter()
                    .take_while(|c| **c == '#')
                    .count();
                index += 1 + hashes;
                if at(index) == '"' {
                    let end: String = std::iter::once('"')
                        .chain(std::iter::repeat_n('#', hashes))
                        .collect();
                    index += 1;
                    while !characters[index..].starts_with(&end.chars().collect::<Vec<_>>()) {
                        index += 1;
                    }
                    index += end.len();
                }
            }
            ('"', _) => {
                index += 1;
                while at(index) != '"' {
                    index += if at(index) == '\\' { 2 } else { 1 };
                }
                index += 1;
                code.push_str("\"\"");
            }
            ('\'', '\\') => {
                index += 3;
                while at(index) != '\'' {
                    index += 1;
                }
                index += 1;
            }
            ('\'', _) if at(index + 2) == '\'' => index += 3,
            (c, _) => {
                code.push(c);
                index += 1;
            }
        }
    }
    code
}

/// The words and signs of source.
fn tokens(code: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut in_word = false;
    for c in code.chars() {
        let belongs = c.is_alphanumeric() || c == '_';
        if belongs && in_word {
            tokens.last_mut().unwrap().push(c);
        } else if !c.is_whitespace() {
            tokens.push(c.to_string());
        }
        in_word = belongs;
    }
    tokens
}

/// Where a file stands among the modules of the crate.
fn module_of(file: &str) -> Vec<String> {
    let path = file.strip_suffix(".rs").unwrap();
    let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
    if ["mod", "lib", "main"].contains(&parts.last().unwrap().as_str()) {
        parts.pop();
    }
    parts
}

/// The first names below the crate's root that a file refers to, by `crate::`,
/// by `super::` from where it stands, or as `shirube::`.
fn references(file: &str, tokens: &[String]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut module = module_of(file);
    let mut blocks: Vec<bool> = Vec::new();
    let is = |index: usize, text: &str| tokens.get(index).is_some_and(|token| token == text);
    let path_follows = |index: usize| is(index, ":") && is(index + 1, ":");
    let mut index = 0;
    while index < tokens.len() {
        match tokens[index].as_str() {
            "mod" if is(index + 2, "{") => {
                module.push(tokens[index + 1].clone());
                blocks.push(true);
                index += 2;
            }
            "{" => blocks.push(false),
            "}" if blocks.pop() == Some(true) => {
                module.pop();
            }
            "crate" | "shirube" if path_follows(index + 1) => {
                collect(tokens, index + 3, &mut found);
            }
            "super" if path_follows(index + 1) => {
                let mut depth = module.len();
                let mut next = index;
                while is(next, "super") && path_follows(next + 1) {
                    depth = depth
                        .checked_sub(1)
                        .unwrap_or_else(|| panic!("{file} leaves the crate"));
                    next += 3;
                }
                if depth == 0 {
                    collect(tokens, next, &mut found);
                }
                index = next - 1;
            }
            _ => {}
        }
        index += 1;
    }
    found
}

/// The name at a place, or those of a group in braces.
fn collect(tokens: &[String], start: usize, found: &mut BTreeSet<String>) {
    if tokens[start] != "{" {
        found.insert(tokens[start].clone());
        return;
    }
    let mut depth = 0;
    let mut begins = true;
    for token in &tokens[start..] {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 1 => begins = true,
            name if depth == 1 && begins => {
                found.insert(name.to_owned());
                begins = false;
            }
            _ => {}
        }
        if depth == 0 {
            return;
        }
        if token == "{" && depth == 1 {
            begins = true;
        }
    }
}

fn layer_of(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

#[test]
fn layers_point_downwards() {
    let mut used: BTreeSet<(String, String)> = BTreeSet::new();
    for (file, source) in sources() {
        if file == "lib.rs" {
            continue;
        }
        let layer = layer_of(&file).to_owned();
        let (_, allowed) = LAYERS
            .iter()
            .find(|(known, _)| *known == layer)
            .unwrap_or_else(|| panic!("src/{file} is in no layer"));
        for name in references(&file, &tokens(&code(&source))) {
            assert!(
                name == layer || allowed.contains(&name.as_str()),
                "src/{file} uses {name}, which {layer} may not"
            );
            used.insert((layer.clone(), name));
        }
    }
    // The reader sees what is there: these edges are no secret.
    for (from, to) in [
        ("main", "cli"),
        ("cli", "http"),
        ("http", "app"),
        ("app", "storage"),
        ("storage", "domain"),
    ] {
        assert!(
            used.contains(&(from.to_owned(), to.to_owned())),
            "{from} → {to} was not seen"
        );
    }
}

/// Source that is compiled for the service itself: files and modules of unit
/// tests left out.
fn served() -> BTreeMap<String, String> {
    let mut served = BTreeMap::new();
    for (file, source) in sources() {
        let is_test = file
            .split('/')
            .any(|part| part.trim_end_matches(".rs") == "tests");
        if is_test || file == "domain/fixture.rs" {
            continue;
        }
        let code = code(&source);
        // By the house's custom the tests are a file's last module.
        let own = code.split("#[cfg(test)]\nmod tests {").next().unwrap();
        served.insert(file, own.to_owned());
    }
    served
}

#[test]
fn libraries_stay_in_their_layer() {
    for (file, code) in served() {
        let words: BTreeSet<String> = tokens(&code).into_iter().collect();
        for (library, places) in LIBRARIES {
            let may = places.iter().any(|place| {
                file == *place
                    || file
                        .strip_prefix(place)
                        .is_some_and(|rest| rest.starts_with('/'))
            });
            assert!(
                may || !words.contains(library),
                "src/{file} knows {library}"
            );
        }
    }
}

#[test]
fn the_domain_is_pure() {
    for (file, code) in served() {
        if layer_of(&file) != "domain" {
            continue;
        }
        for outside in OUTSIDE_OF_THE_DOMAIN {
            assert!(!code.contains(outside), "src/{file} uses {outside}");
        }
        for (library, _) in LIBRARIES {
            assert!(
                !code.contains(&format!("{library}::")),
                "src/{file} uses {library}"
            );
        }
    }
}

#[test]
fn files_stay_readable() {
    for (file, source) in sources() {
        let lines = source.lines().count();
        assert!(lines < LINES_MAX, "src/{file} has {lines} lines");
        assert!(
            source.starts_with("//!") || file.ends_with("tests.rs"),
            "src/{file} does not say what it is"
        );
    }
}

/// `.env.example` shows every variable with its default, and no other.
#[test]
fn the_example_environment_is_complete() {
    let text = std::fs::read_to_string(root().join(".env.example")).unwrap();
    let mut shown = BTreeMap::new();
    for line in text
        .lines()
        .map(|line| line.trim_start_matches("# ").trim_start_matches('#').trim())
    {
        let Some((name, value)) = line.split_once('=') else {
            continue;
        };
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        if is_name {
            let again = shown.insert(name.to_owned(), value.trim_matches('"').to_owned());
            assert_eq!(again, None, "{name} is shown twice");
        }
    }
    let expected: BTreeMap<String, String> = VARIABLES
        .iter()
        .map(|(name, default)| ((*name).to_owned(), (*default).to_owned()))
        .collect();
    shown.remove("RUST_LOG");
    assert_eq!(shown, expected);
}

/// The reader of paths finds what it is there for.
#[test]
fn paths_are_read() {
    let found = |file: &str, source: &str| -> Vec<String> {
        references(file, &tokens(&code(source)))
            .into_iter()
            .collect()
    };
    assert_eq!(found("domain/a.rs", "use crate::http::x;"), ["http"]);
    assert_eq!(
        found(
            "domain/a.rs",
            "use crate::{app::{self, b}, storage, clock::Clock};"
        ),
        ["app", "clock", "storage"]
    );
    assert_eq!(found("domain/a.rs", "fn f() { crate::app::g(); }"), ["app"]);
    assert_eq!(
        found("domain/a.rs", "use super::b; // crate::http"),
        Vec::<String>::new()
    );
    assert_eq!(found("domain/a.rs", "use super::super::http::b;"), ["http"]);
    assert_eq!(
        found("domain/a/b.rs", "use super::super::c;"),
        Vec::<String>::new()
    );
    assert_eq!(
        found("domain/a/mod.rs", "use super::super::http;"),
        ["http"]
    );
    assert_eq!(
        found(
            "domain/a.rs",
            "mod tests { use super::super::c; } use super::super::d;"
        ),
        ["d"]
    );
    assert_eq!(
        found(
            "domain/a.rs",
            "let s = \"crate::http\"; let r = r#\"crate::app \" \"#;"
        ),
        Vec::<String>::new()
    );
    assert_eq!(found("main.rs", "shirube::cli::run();"), ["cli"]);
    assert_eq!(
        code("a('\\'') + '\"' + b'x' // \"\n+ c"),
        "a() +  + b \n+ c"
    );
}
