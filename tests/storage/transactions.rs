//! What a transaction promises.

use shirube::storage::StorageError;

use crate::database::TestDatabase;

#[test]
fn opens_and_answers() {
    let database = TestDatabase::from_env();
    let db = database.open();
    db.ping().unwrap();
    assert_eq!(db.pending_migrations().unwrap(), Vec::<String>::new());
    db.write(|_| Ok::<_, StorageError>(())).unwrap();
}
