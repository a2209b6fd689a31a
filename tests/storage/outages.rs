//! The database goes away, and comes back.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection};
use shirube::storage::{DatabaseUrl, Db, PoolSettings, StorageError, prefectures};

use crate::database::{TestDatabase, postgres_server};
use crate::fixtures::{instant, prefecture};

/// How long a request waits in these tests.
const PATIENCE: Duration = Duration::from_secs(1);

fn impatient(url: &DatabaseUrl) -> Db {
    let settings = PoolSettings {
        acquire_timeout: PATIENCE,
        ..PoolSettings::default_for(url)
    };
    Db::open(url, &settings).unwrap()
}

fn write(db: &Db, code: &str) -> Result<(), StorageError> {
    db.write(|conn| prefectures::insert(conn, &prefecture(code), instant()))
}

#[track_caller]
fn assert_unavailable<T>(outcome: Result<T, StorageError>) {
    match outcome {
        Err(StorageError::Unavailable(_)) => {}
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it answered"),
    }
}

#[test]
fn a_locked_file_is_an_outage_that_passes() {
    let database = TestDatabase::sqlite();
    let DatabaseUrl::Sqlite(path) = database.url() else {
        unreachable!()
    };
    let db = impatient(database.url());
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other
        .batch_execute("PRAGMA busy_timeout = 5000; BEGIN EXCLUSIVE")
        .unwrap();
    let began = Instant::now();
    std::thread::scope(|threads| {
        for code in ["01", "02", "03"] {
            let db = &db;
            threads.spawn(move || assert_unavailable(write(db, code)));
        }
    });
    // Those in the queue do not wait for the queue and then for the lock.
    assert!(began.elapsed() < PATIENCE * 3, "{:?}", began.elapsed());
    db.ping().unwrap();
    other.batch_execute("ROLLBACK").unwrap();
    write(&db, "01").unwrap();
}

#[test]
fn a_lock_of_moments_is_waited_for() {
    let database = TestDatabase::sqlite();
    let DatabaseUrl::Sqlite(path) = database.url() else {
        unreachable!()
    };
    let db = impatient(database.url());
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other
        .batch_execute("PRAGMA busy_timeout = 5000; BEGIN EXCLUSIVE")
        .unwrap();
    std::thread::scope(|threads| {
        threads.spawn(|| write(&db, "01").unwrap());
        std::thread::sleep(PATIENCE / 3);
        other.batch_execute("ROLLBACK").unwrap();
    });
}

#[test]
fn what_cannot_be_opened_says_why_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let open = |url: &DatabaseUrl| Db::open(url, &PoolSettings::default_for(url)).err();
    let no_folder = DatabaseUrl::Sqlite(folder.path().join("absent/shirube.sqlite3"));
    assert!(matches!(
        open(&no_folder),
        Some(StorageError::Unavailable(_))
    ));
    let other_file = folder.path().join("letter.txt");
    std::fs::write(&other_file, "Dear database, ".repeat(100)).unwrap();
    assert!(matches!(
        open(&DatabaseUrl::Sqlite(other_file)),
        Some(StorageError::Failed(_))
    ));
    let nobody = "postgres://u:secret@127.0.0.1:1/d".parse().unwrap();
    let error = open(&nobody).unwrap();
    assert!(matches!(error, StorageError::Unavailable(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("secret"));
    for unreadable in [
        "postgres://u:secret@[127.0.0.1/d",
        "postgres://u:secret@127.0.0.1:1/d?no_such=1",
        "postgres://u:secret@127.0.0.1:port/d",
    ] {
        let error = open(&unreadable.parse().unwrap()).unwrap();
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("new.sqlite3"));
    let db = impatient(&url);
    db.migrate().unwrap();
    write(&db, "01").unwrap();
    let mut files = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        files += 1;
    }
    assert_eq!(files, 3, "the file, its log and the log's index");
}

/// A way to the server that can be cut.
struct Line {
    open: Arc<AtomicBool>,
    ends: Arc<Mutex<Vec<TcpStream>>>,
    port: u16,
}

impl Line {
    fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let open = Arc::new(AtomicBool::new(true));
        let ends = Arc::new(Mutex::new(Vec::new()));
        let line = Self {
            open: Arc::clone(&open),
            ends: Arc::clone(&ends),
            port,
        };
        std::thread::spawn(move || {
            for near in listener.incoming().map(Result::unwrap) {
                if !open.load(Ordering::SeqCst) {
                    continue;
                }
                let far = TcpStream::connect(&server).unwrap();
                let mut ends = ends.lock().unwrap();
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    std::thread::spawn(move || {
                        let _ = io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
                ends.extend([near, far]);
            }
        });
        line
    }

    fn cut(&self) {
        self.open.store(false, Ordering::SeqCst);
        for end in self.ends.lock().unwrap().drain(..) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    fn mend(&self) {
        self.open.store(true, Ordering::SeqCst);
    }
}

/// A database that is reached by a line which can be cut.
fn behind_a_line(database: &TestDatabase) -> (Line, Db) {
    let DatabaseUrl::Postgres(url) = database.url() else {
        unreachable!()
    };
    let (scheme, rest) = url.split_once("://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    let (user, server) = authority.rsplit_once('@').unwrap();
    let line = Line::to(server.to_owned());
    let url = format!("{scheme}://{user}@127.0.0.1:{}/{path}", line.port);
    let db = impatient(&DatabaseUrl::Postgres(url));
    (line, db)
}

#[test]
fn a_lost_server_is_an_outage_that_passes() {
    if postgres_server().is_none() {
        return;
    }
    let database = TestDatabase::postgres();
    let (line, db) = behind_a_line(&database);
    write(&db, "01").unwrap();

    line.cut();
    let began = Instant::now();
    assert_unavailable(write(&db, "02"));
    assert_unavailable(db.ping());
    assert!(began.elapsed() < PATIENCE * 4, "{:?}", began.elapsed());

    line.mend();
    let mended = Instant::now();
    while let Err(error) = write(&db, "03") {
        assert!(mended.elapsed() < Duration::from_secs(10), "{error:?}");
    }

    let lost: Result<(), StorageError> = db.write(|conn| {
        prefectures::insert(conn, &prefecture("04"), instant())?;
        line.cut();
        prefectures::insert(conn, &prefecture("05"), instant())
    });
    assert_unavailable(lost);
    line.mend();
    let direct = database.open();
    write(&direct, "04").unwrap();
}

#[test]
fn connections_that_the_server_closed_are_replaced_unnoticed() {
    if postgres_server().is_none() {
        return;
    }
    let database = TestDatabase::postgres();
    let DatabaseUrl::Postgres(url) = database.url() else {
        unreachable!()
    };
    // Only this test's connections carry this name.
    let name = format!("closed_{}", std::process::id());
    let db = impatient(&DatabaseUrl::Postgres(format!(
        "{url}&application_name={name}"
    )));
    let hold_all = || {
        std::thread::scope(|threads| {
            for _ in 0..8 {
                threads.spawn(|| {
                    db.read(|_| {
                        std::thread::sleep(Duration::from_millis(100));
                        Ok::<_, StorageError>(())
                    })
                    .unwrap();
                });
            }
        });
    };
    hold_all();
    let closed = diesel::sql_query(format!(
        "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity \
         WHERE application_name = '{name}'"
    ))
    .execute(&mut PgConnection::establish(url).unwrap())
    .unwrap();
    assert_eq!(closed, 8);
    write(&db, "01").unwrap();
    hold_all();
}
