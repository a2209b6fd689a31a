//! Where a file goes. Nobody sees a half file, nothing that the user has is lost
//! unasked, and what is no file stays what it is.

use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use super::{Exit, Failure, Remote};
use crate::app::secrets::new_id;

/// Where bytes may be put.
pub enum Place {
    /// A device or a pipe: written to as it is.
    Stream(PathBuf),
    /// A file, with the permissions of the one that it replaces.
    File(PathBuf, Option<Permissions>),
}

impl Remote {
    /// The place at a path; with `replace` also where a file is.
    pub(super) fn place(&self, path: &Path, replace: bool) -> Result<Place, Failure> {
        match std::fs::metadata(path) {
            Ok(found) if is_stream(&found) => Ok(Place::Stream(path.to_owned())),
            Ok(found) if !found.is_file() => Err(self.unfit(
                path,
                "{file} はファイルではないため、書き込めません。",
                "{file} is no file, and is left as it is.",
            )),
            Ok(_) if !replace => Err(self.unfit(
                path,
                "{file} はすでにあります。置き換えるには --force を付けてください。",
                "{file} exists already; --force replaces it.",
            )),
            // What is replaced is the file to which a link leads, not the link.
            Ok(found) => match path.canonicalize() {
                Ok(real) => Ok(Place::File(real, Some(found.permissions()))),
                Err(error) => Err(self.unwritten(path, &error)),
            },
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.unwritten(path, &error)),
            Err(_) if path.is_symlink() => Err(self.unfit(
                path,
                "{file} は存在しない場所を指すリンクです。",
                "{file} is a link to nothing.",
            )),
            Err(_) => Ok(Place::File(path.to_owned(), None)),
        }
    }

    fn unfit(&self, path: &Path, ja: &str, en: &str) -> Failure {
        let words = self.words(ja, en);
        Failure::new(
            Exit::Failed,
            words.replace("{file}", &path.display().to_string()),
        )
    }

    /// Why a file cannot be written.
    pub(super) fn unwritten(&self, path: &Path, error: &Error) -> Failure {
        let words = self.words(
            "{file} に書き込めません（{reason}）。",
            "{file} cannot be written ({reason}).",
        );
        let words = words
            .replace("{file}", &path.display().to_string())
            .replace("{reason}", &error.to_string());
        Failure::new(Exit::Failed, words)
    }
}

/// Whether this is a device or a pipe, to which bytes go one after another.
#[cfg(unix)]
pub fn is_stream(found: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = found.file_type();
    kind.is_char_device() || kind.is_fifo()
}

#[cfg(not(unix))]
pub fn is_stream(_: &Metadata) -> bool {
    false
}

/// A file that is not complete: gone at the end, unless it has been put in its place.
pub struct Partial(PathBuf);

impl Partial {
    /// Makes it beside its place, so that it can be put there in one step; under a
    /// name that nobody has chosen, so that it is no file of the user and no link
    /// that somebody has laid out.
    pub fn create(place: &Path, permissions: Option<Permissions>) -> Result<(Self, File), Error> {
        let path = place.with_file_name(format!(".{}.part", new_id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if permissions.is_some() {
            // Nobody reads the new content meanwhile who could not read the old one.
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        let file = options.open(&path)?;
        let partial = Self(path);
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        Ok((partial, file))
    }

    /// Puts it in its place, complete.
    pub fn put(self, place: &Path) -> Result<(), Error> {
        std::fs::rename(&self.0, place)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Not there any more where it was put in its place.
        let _ = std::fs::remove_file(&self.0);
    }
}
