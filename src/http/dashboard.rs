//! The dashboard: one page and its files, all of them in the binary.
//!
//! The page knows its files by an address that names their version, so a
//! browser keeps them for ever and asks for the page alone. What the page shows
//! it reads from the public API, like everybody else.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::RustEmbed;

use super::entity_tag::EntityTag;
use super::problem::{Problem, ProblemCode};
use super::reply::{Encoding, compressed};

/// Where the page is served: every view has the address of what it shows, as in
/// the API. Notices link to some of them.
const PAGES: [&str; 16] = [
    "/",
    "/scorecards/{view:.+}",
    "/alerts",
    "/alerts/{view:.+}",
    "/months",
    "/imports",
    "/subscriptions",
    "/subscriptions/{view:.+}",
    "/prefectures",
    "/hubs",
    "/users",
    "/api-keys",
    "/connect",
    "/audit",
    "/releases",
    "/public/{token}",
];
/// Where its files are.
const FILES: &str = "/assets/{version}/{path:.*}";
/// Stands for the version of the files in the page.
const VERSION_MARK: &str = "@VERSION@";
const VERSION_CHARS: usize = 12;
const PAGE: &str = "index.html";

#[derive(RustEmbed)]
#[folder = "dashboard/"]
#[include = "*.html"]
#[include = "*.css"]
#[include = "*.js"]
#[include = "*.svg"]
struct Embedded;

/// One file in all its encodings, each made at most once.
struct File {
    media_type: &'static str,
    tag: EntityTag,
    identity: Bytes,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
}

impl File {
    fn new(path: &str, content: Cow<'static, [u8]>) -> Self {
        let identity = match content {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes.into(),
        };
        Self {
            media_type: media_type(path),
            tag: EntityTag::of_body(None, &identity),
            identity,
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
        }
    }

    fn bytes(&self, encoding: Encoding) -> Bytes {
        let kept = match encoding {
            Encoding::Identity => return self.identity.clone(),
            Encoding::Gzip => &self.gzip,
            Encoding::Brotli => &self.brotli,
        };
        kept.get_or_init(|| compressed(&self.identity, encoding))
            .clone()
    }
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

struct Dashboard {
    version: String,
    page: File,
    files: BTreeMap<String, File>,
}

static DASHBOARD: LazyLock<Dashboard> = LazyLock::new(|| {
    let mut files: BTreeMap<String, File> = Embedded::iter()
        .filter_map(|path| {
            let content = Embedded::get(&path)?.data;
            Some((path.to_string(), File::new(&path, content)))
        })
        .collect();
    let page = files.remove(PAGE).map(|file| file.identity);
    let version = version_of(&files);
    let page = String::from_utf8_lossy(page.as_deref().unwrap_or_default())
        .replace(VERSION_MARK, &version);
    Dashboard {
        page: File::new(PAGE, Cow::Owned(page.into_bytes())),
        version,
        files,
    }
});

/// The same for the same files, another for any other.
fn version_of(files: &BTreeMap<String, File>) -> String {
    let mut hasher = blake3::Hasher::new();
    for (path, file) in files {
        hasher.update(path.as_bytes());
        hasher.update(blake3::hash(&file.identity).as_bytes());
    }
    let digest = hasher.finalize().to_hex();
    digest[..VERSION_CHARS].to_owned()
}

/// The page and its files.
pub fn configure(config: &mut web::ServiceConfig) {
    for path in PAGES {
        config.service(web::resource(path).get(get_page));
    }
    config.service(web::resource(FILES).get(get_file));
}

async fn get_page(request: HttpRequest) -> HttpResponse {
    answer(&request, &DASHBOARD.page, "no-cache")
}

async fn get_file(
    request: HttpRequest,
    address: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (version, path) = address.into_inner();
    // A page of another version must not be mixed with files of this one.
    let known = Some(&DASHBOARD).filter(|dashboard| dashboard.version == version);
    match known.and_then(|dashboard| dashboard.files.get(&path)) {
        Some(file) => Ok(answer(
            &request,
            file,
            "public, max-age=31536000, immutable",
        )),
        None => Err(Problem::new(ProblemCode::NotFound)),
    }
}

fn answer(request: &HttpRequest, file: &File, cache_control: &'static str) -> HttpResponse {
    let text = |name| {
        let value: Option<&HeaderValue> = request.headers().get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    };
    let encoding = Encoding::negotiate(text(header::ACCEPT_ENCODING));
    let is_known = file.tag.is_named_in(text(header::IF_NONE_MATCH));
    let mut response = if is_known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((header::CACHE_CONTROL, cache_control))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::ETAG, file.tag.in_encoding(encoding).to_string()));
    if is_known {
        return response.finish();
    }
    response.insert_header((header::CONTENT_TYPE, file.media_type));
    if let Some(token) = encoding.token() {
        response.insert_header((header::CONTENT_ENCODING, token));
    }
    response.body(file.bytes(encoding))
}
