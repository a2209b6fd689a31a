//! The dashboard's page and files: from the binary alone, under a policy that
//! lets nothing else in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::App;

/// Addresses of views: each answers with the page, which shows it.
const VIEWS: [&str; 17] = [
    "/",
    "/scorecards/01a204a7-8c1c-71b9-b235-543b425e0d8e?month=2026-10",
    "/scorecards/01a204a7-8c1c-71b9-b235-543b425e0d8e/items/consult",
    "/alerts",
    "/alerts/0a895496-1b10-8f21-a0aa-9f73cb3162f5",
    "/months",
    "/imports",
    "/subscriptions",
    "/scorecards/new?hub=yamagata",
    "/prefectures",
    "/hubs?prefecture=06",
    "/users",
    "/api-keys",
    "/connect",
    "/audit",
    "/releases",
    "/public/shp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboard")
}

/// Every file below `dashboard/`, by its path there.
fn files() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder()).unwrap();
                found.insert(name.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found
}

/// Where the page says that its files are.
async fn files_address(app: &App) -> String {
    let page = app.anonymous().get("/").await;
    let text = page.text();
    let start = text.find("/assets/").unwrap();
    let version = text[start..].split('/').nth(2).unwrap();
    assert_eq!(version.len(), 12, "{text}");
    format!("/assets/{version}")
}

#[actix_web::test]
async fn every_view_has_an_address_that_can_be_opened() {
    let app = App::new().await;
    let front = app.anonymous().get("/").await;
    assert!(!front.text().contains('@'), "{}", front.text());
    for path in VIEWS {
        let page = app.anonymous().get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert_eq!(page.header("cache-control"), Some("no-cache"));
        assert_eq!(page.body, front.body, "{path}");
    }
    for path in [
        "/scorecards",
        "/scorecards/",
        "/users/1",
        "/index.html",
        "/assets/",
    ] {
        app.anonymous().get(path).await.problem("not_found");
    }
    app.anonymous()
        .post("/alerts", &serde_json::json!({}))
        .await
        .problem("method_not_allowed");
}

/// Everything that the page could load or do is named, and it is all our own.
#[actix_web::test]
async fn the_page_may_load_nothing_from_elsewhere() {
    let app = App::new().await;
    let page = app.anonymous().get("/").await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(!policy.contains("unsafe"), "{policy}");
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    for name in files() {
        let text = std::fs::read_to_string(folder().join(&name)).unwrap();
        let elsewhere = text
            .split("://")
            .skip(1)
            .any(|rest| !rest.starts_with("www.w3.org/"));
        assert!(!elsewhere, "{name} names another address");
        for unsafe_way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval("] {
            assert!(!text.contains(unsafe_way), "{name}: {unsafe_way}");
        }
    }
}

#[actix_web::test]
async fn every_file_is_in_the_binary() {
    let app = App::new().await;
    let address = files_address(&app).await;
    for name in files() {
        if name == "index.html" {
            continue;
        }
        let file = app.anonymous().get(&format!("{address}/{name}")).await;
        assert_eq!(file.status, 200, "{name}");
        assert_eq!(file.body, std::fs::read(folder().join(&name)).unwrap());
        let media_type = match name.rsplit_once('.').unwrap().1 {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            other => panic!("{name}: {other}"),
        };
        assert_eq!(file.header("content-type"), Some(media_type), "{name}");
        // The address changes with the content.
        assert_eq!(
            file.header("cache-control"),
            Some("public, max-age=31536000, immutable")
        );
    }
    for path in [
        "/assets/0123456789ab/main.js".to_owned(),
        format!("{address}/index.html"),
        format!("{address}/../../Cargo.toml"),
        format!("{address}/nothing.js"),
    ] {
        app.anonymous().get(&path).await.problem("not_found");
    }
}

#[actix_web::test]
async fn files_travel_compressed_and_are_asked_for_once() {
    let app = App::new().await;
    let path = format!("{}/main.js", files_address(&app).await);
    let plain = app.anonymous().get(&path).await;
    let brotli = app.anonymous().with("Accept-Encoding", "gzip, br");
    let brotli = brotli.get(&path).await;
    assert_eq!(brotli.header("content-encoding"), Some("br"));
    assert_eq!(brotli.header("vary"), Some("Accept-Encoding"));
    assert_ne!(brotli.header("etag"), plain.header("etag"));
    let mut read = Vec::new();
    brotli_decompressed(&brotli.body, &mut read);
    assert_eq!(read, plain.body);
    for path in [path.as_str(), "/"] {
        let tag = app.anonymous().get(path).await;
        let tag = tag.header("etag").unwrap();
        let again = app.anonymous().with("If-None-Match", tag).get(path).await;
        assert_eq!(again.status, 304);
        assert!(again.body.is_empty());
    }
}

fn brotli_decompressed(body: &[u8], into: &mut Vec<u8>) {
    brotli::BrotliDecompress(&mut &*body, into).unwrap();
}

/// The files of the first view: those that the page names, the overview, and the
/// modules that these import before they run. Other views load when they are opened.
fn first_view() -> BTreeSet<String> {
    let page = std::fs::read_to_string(folder().join("index.html")).unwrap();
    let named = page.split("/assets/@VERSION@/").skip(1);
    let mut waiting: Vec<PathBuf> = named
        .map(|rest| folder().join(rest.split('"').next().unwrap()))
        .collect();
    waiting.push(folder().join("views/overview.js"));
    let mut found = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        let name = path.strip_prefix(folder()).unwrap().to_str().unwrap();
        let is_module = path.extension().is_some_and(|extension| extension == "js");
        if !found.insert(name.to_owned()) || !is_module {
            continue;
        }
        let module = std::fs::read_to_string(&path).unwrap();
        for rest in module.split(" from '.").skip(1) {
            let (parents, rest) = match rest.strip_prefix("./") {
                Some(rest) => (1, rest),
                None => (0, &rest[1..]),
            };
            let base = path.ancestors().nth(1 + parents).unwrap();
            waiting.push(base.join(rest.split('\'').next().unwrap()));
        }
    }
    found
}

/// What a first view transfers: the promise is 150 kB.
#[actix_web::test]
async fn the_first_view_is_small() {
    let app = App::new().await;
    let address = files_address(&app).await;
    let client = app.anonymous().with("Accept-Encoding", "br");
    let mut bytes = client.get("/").await.body.len();
    let names = first_view();
    assert!(names.contains("charts/heat_map.js"), "{names:?}");
    for name in names {
        bytes += client.get(&format!("{address}/{name}")).await.body.len();
    }
    assert!(bytes < 150_000, "{bytes} bytes");
}
