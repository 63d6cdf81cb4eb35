//! Trees, notes and receipts against vectors of other implementations, a naive recomputation, and changed bytes.

use proptest::prelude::*;

use super::*;
use crate::{ActionKind, report::ReportState};

const ORIGIN: &str = "w4r.example/log";
/// The root of 1,000 leaves `leaf-0`, `leaf-1`, …, on which seven packages agree.
const ROOT_OF_1000: &str = "84453b515db221e015241f91778d541a91e27472a3cbbd4922b023b180456359";
/// A head that four packages write with these bytes, by the key whose seed is 32 bytes of seven.
const NOTE: &str = "w4r.example/log\n1000\nhEU7UV2yIeAVJB+Rd41UGpHidHKjy71JIrAjsYBFY1k=\n\n\u{2014} w4r.example/log bVEIh7ENhxMf37C12h6vE8zpCN+oI90vcu/m9RQRIvSwAKY3ksN6YCYgYmoRwOpEFV0cZyPJ0KW3fXIU9cNlhpWAxgs=\n";
const KEY: &str = "w4r.example/log+6d510887+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";

/// The hashes of leaves whose data is a text, as in the vectors of other implementations.
fn text_leaves(size: u64) -> Vec<Hash> {
    (0..size).map(|number| Hash::of(&[&[0], format!("leaf-{number}").as_bytes()])).collect()
}

/// The root as RFC 6962 defines it, computed from all leaves.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of(&[]),
        [leaf] => *leaf,
        _ => {
            let middle = leaves.len().next_power_of_two() / 2;
            Hash::parent(naive_root(&leaves[..middle]), naive_root(&leaves[middle..]))
        }
    }
}

/// The path of a leaf as RFC 6962 defines it, computed from all leaves.
fn naive_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let middle = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(middle);
    let (mut path, sibling) = if index < middle {
        (naive_path(index, left), naive_root(right))
    } else {
        (naive_path(index - middle, right), naive_root(left))
    };
    path.push(sibling);
    path
}

/// The consistency proof as RFC 6962 defines it (`SUBPROOF`), computed from all leaves.
fn naive_consistency(from: usize, leaves: &[Hash], is_whole: bool) -> Vec<Hash> {
    if from == leaves.len() {
        return if is_whole { Vec::new() } else { vec![naive_root(leaves)] };
    }
    let middle = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(middle);
    let (mut proof, sibling) = if from <= middle {
        (naive_consistency(from, left, is_whole), naive_root(right))
    } else {
        (naive_consistency(from - middle, right, false), naive_root(left))
    };
    proof.push(sibling);
    proof
}

/// A log as it is stored: the hashes of leaves, and of the full subtrees above them.
#[derive(Default)]
struct Stored {
    levels: Vec<Vec<Hash>>,
    edge: Edge,
}

impl Stored {
    fn of(leaves: &[Hash]) -> Self {
        let mut stored = Self::default();
        for leaf in leaves {
            stored.push(0, *leaf);
            for full in stored.edge.append(*leaf) {
                stored.push(full.level as usize, full.hash);
                assert_eq!(stored.levels[full.level as usize].len() as u64, full.index + 1);
            }
        }
        stored
    }

    fn push(&mut self, level: usize, hash: Hash) {
        self.levels.resize(self.levels.len().max(level + 1), Vec::new());
        self.levels[level].push(hash);
    }

    fn tile(&self, id: TileId) -> Option<Vec<Hash>> {
        let first = usize::try_from(id.index * TILE_WIDTH).expect("a small index");
        let hashes = self.levels.get(id.level as usize)?.get(first..)?;
        Some(hashes.iter().take(TILE_WIDTH as usize).copied().collect())
    }

    fn hashes(&self, plan: &ProofPlan) -> Vec<Hash> {
        let tiles = plan.tiles();
        let hashes = plan.hashes(|id| {
            assert!(tiles.contains(&id), "{id:?} was not announced");
            self.tile(id)
        });
        hashes.expect("every tile")
    }
}

#[test]
fn roots_are_those_of_other_implementations() {
    let leaves = text_leaves(1_000);
    assert_eq!(Stored::of(&leaves).edge.root().to_hex(), ROOT_OF_1000);
    for (size, root) in [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (3, "cf763a041c81ceef1578a6083f75c61bef2e0014f2a3e683a97fcfca5be7f19a"),
        (255, "3de22a1a5c13f8ad7c6fdf034305190d870b7a72b99cf69e9cdd6f7e5430c136"),
        (256, "f7ed5eb44be61908cdf66bb316813dc75442aa2a5b307177c06c728271356c91"),
        (257, "45d7e207b9bd948a0b1e55162edc386453c8a9853b5f3c457e25716c0be98ec2"),
    ] {
        assert_eq!(Stored::of(&leaves[..size]).edge.root().to_hex(), root, "{size}");
    }
}

#[test]
fn every_proof_at_the_borders_of_tiles_is_the_one_of_the_standard() {
    let leaves = text_leaves(1_000);
    for size in [1, 2, 3, 7, 8, 255, 256, 257, 511, 513, 1_000] {
        let leaves = &leaves[..size];
        let (stored, root) = (Stored::of(leaves), naive_root(leaves));
        assert_eq!(stored.hashes(&ProofPlan::root(size as u64).expect("a plan")), [root]);
        for index in [0, 1, size / 2, size - 1].into_iter().filter(|index| *index < size) {
            let path = stored.hashes(&ProofPlan::inclusion(index as u64, size as u64).expect("a plan"));
            assert_eq!(path, naive_path(index, leaves), "{index} of {size}");
        }
        for from in [1, 2, 3, 255, 256, size].into_iter().filter(|from| *from <= size) {
            let plan = ProofPlan::consistency(from as u64, size as u64).expect("a plan");
            let (earlier, hashes) = (naive_root(&leaves[..from]), stored.hashes(&plan));
            assert_eq!(hashes, naive_consistency(from, leaves, true), "{from} to {size}");
            let verified = verify_consistency((from as u64, earlier), (size as u64, root), &hashes);
            assert_eq!(verified, Ok(()));
        }
    }
}

#[test]
fn a_log_of_three_levels_of_tiles_is_read_from_few_hashes() {
    let leaves: Vec<_> = (0..70_000_u32).map(|number| Hash::of(&[&number.to_be_bytes()])).collect();
    let stored = Stored::of(&leaves);
    assert_eq!(stored.levels.iter().map(Vec::len).collect::<Vec<_>>(), [70_000, 273, 1]);
    let plan = ProofPlan::inclusion(12_345, 70_000).expect("a plan");
    assert_eq!(stored.hashes(&plan), naive_path(12_345, &leaves));
    assert!(plan.tiles().len() <= 6, "{:?}", plan.tiles());
    let edge = Edge::load(70_000, |id| stored.tile(id)).expect("the edge");
    assert_eq!((edge.root(), &edge), (naive_root(&leaves), &stored.edge));
    assert_eq!(Edge::load(70_000, |_| None), None);
    assert_eq!([0, 1, 2, 3].map(|level| Edge::width(70_000, level)), [112, 17, 1, 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn proofs_from_stored_hashes_are_those_of_a_naive_recomputation(
        data in prop::collection::vec(any::<[u8; 32]>(), 1..600), a in any::<prop::sample::Index>(),
        b in any::<prop::sample::Index>(), flipped in 0..256_usize,
    ) {
        let leaves: Vec<_> = data.iter().map(|data| Hash(*data).leaf_hash()).collect();
        let (size, index) = (leaves.len() as u64, a.index(leaves.len()));
        let (stored, root) = (Stored::of(&leaves), naive_root(&leaves));
        prop_assert_eq!(stored.edge.root(), root);
        prop_assert_eq!(Edge::load(size, |id| stored.tile(id)), Some(stored.edge.clone()));
        let path = stored.hashes(&ProofPlan::inclusion(index as u64, size)?);
        prop_assert_eq!(&path, &naive_path(index, &leaves));
        prop_assert_eq!(verify_inclusion(Hash(data[index]), index as u64, &path, size, root), Ok(()));
        let flip = |hash: Hash| {
            let mut bytes = hash.0;
            bytes[flipped / 8] ^= 1 << (flipped % 8);
            Hash(bytes)
        };
        let other = flip(Hash(data[index]));
        prop_assert!(verify_inclusion(other, index as u64, &path, size, root).is_err());
        prop_assert!(verify_inclusion(Hash(data[index]), index as u64, &path, size, flip(root)).is_err());
        for at in 0..path.len() {
            let mut path = path.clone();
            path[at] = flip(path[at]);
            prop_assert!(verify_inclusion(Hash(data[index]), index as u64, &path, size, root).is_err());
        }
        let from = b.index(leaves.len()) + 1;
        let hashes = stored.hashes(&ProofPlan::consistency(from as u64, size)?);
        prop_assert_eq!(&hashes, &naive_consistency(from, &leaves, true));
        let earlier = (from as u64, naive_root(&leaves[..from]));
        prop_assert_eq!(verify_consistency(earlier, (size, root), &hashes), Ok(()));
        prop_assert!(verify_consistency((earlier.0, flip(earlier.1)), (size, root), &hashes).is_err());
        prop_assert!(verify_consistency(earlier, (size, flip(root)), &hashes).is_err());
    }

    #[test]
    fn a_changed_byte_of_a_receipt_is_found(at in any::<prop::sample::Index>(), bit in 0..8) {
        let (text, key) = receipt(5, 2);
        let mut bytes = text.clone().into_bytes();
        bytes[at.index(text.len())] ^= 1_u8 << bit;
        let refused = match String::from_utf8(bytes) {
            Err(_) => true,
            Ok(changed) => Receipt::parse(&changed).and_then(|receipt| receipt.verify(&[key])).is_err(),
        };
        prop_assert!(refused, "byte {}, bit {bit}", at.index(text.len()));
    }

    #[test]
    fn a_receipt_that_is_cut_off_is_found(at in any::<prop::sample::Index>()) {
        let (text, key) = receipt(5, 2);
        let cut = at.index(text.len());
        if text.is_char_boundary(cut) {
            let read = Receipt::parse(&text[..cut]).and_then(|receipt| receipt.verify(&[key]));
            prop_assert!(matches!(read, Err(ProofError::Malformed { .. })), "{read:?}");
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in ".{0,200}") {
        let _ = (Receipt::parse(&text), SignedNote::parse(&text), Checkpoint::parse(&text));
        let _ = (ConsistencyFile::parse(&text), VerifierKey::parse(&text));
        let text = format!("c2sp.org/tlog-proof@v1\nindex 4\n{text}");
        let _ = (Receipt::parse(&text), LoggedRevision::of_opening(text.as_bytes()));
    }
}

fn revision(number: u32) -> LoggedRevision {
    LoggedRevision {
        kind: REVISION_TYPE.into(),
        edition: 2021,
        section: "ca".into(),
        report: "report_1".into(),
        revision: number,
        received_at: "2021-12-10T20:00:00Z".parse().expect("an instant"),
        late: false,
        state: ReportState::Accepted,
        people: Some(3),
        lines: vec![LoggedLine { case: None, kind: ActionKind::AppealLetter, quantity: 12 }],
    }
}

/// The text of a receipt for one of some leaves, and the key of its log.
fn receipt(size: u32, index: usize) -> (String, VerifierKey) {
    let key = SignerKey::from_seed(ORIGIN, [7; 32]).expect("a key");
    let openings: Vec<_> =
        (0..size).map(|number| revision(number + 1).opening([number as u8; 32]).expect("a line")).collect();
    let leaves: Vec<_> = openings.iter().map(|opening| leaf_data(opening).leaf_hash()).collect();
    let stored = Stored::of(&leaves);
    let head = Checkpoint { origin: ORIGIN.into(), size: size.into(), root: stored.edge.root() };
    let receipt = Receipt {
        extra: Some(openings[index].clone()),
        index: index as u64,
        path: stored.hashes(&ProofPlan::inclusion(index as u64, size.into()).expect("a plan")),
        checkpoint: head.sign(std::slice::from_ref(&key)).expect("a note"),
    };
    (receipt.to_string(), key.verifier_key())
}

#[test]
fn a_receipt_says_what_was_reported_and_at_which_place_it_is_in_the_log() {
    let (text, key) = receipt(5, 2);
    let verified = Receipt::parse(&text).and_then(|read| read.verify(&[key])).expect("a receipt");
    assert_eq!((verified.index, verified.checkpoint.size), (2, 5));
    assert_eq!(verified.revision, revision(3));
    let line = String::from_utf8(revision(3).opening([0; 32]).expect("a line")[32..].to_vec());
    assert_eq!(
        line.expect("text"),
        r#"{"edition":2021,"late":false,"lines":[{"case":null,"kind":"APPEAL_LETTER","quantity":12}],"people":3,"receivedAt":"2021-12-10T20:00:00Z","report":"report_1","revision":3,"section":"ca","state":"ACCEPTED","type":"write-for-rights.report-revision.v1"}"#
    );
}

#[test]
fn a_proof_that_other_packages_write_is_read_and_written_with_the_same_bytes() {
    let leaves = text_leaves(1_000);
    let stored = Stored::of(&leaves);
    let path = stored.hashes(&ProofPlan::inclusion(4, 1_000).expect("a plan"));
    let proof = Receipt { extra: None, index: 4, path, checkpoint: SignedNote::parse(NOTE).expect("a note") };
    let text = proof.to_string();
    let begin = "c2sp.org/tlog-proof@v1\nindex 4\njxWTy5L0Kdk0C5u8HwuxIq34AmxCpKQhQuIWiTFycjY=\nOY6960bhee7/";
    assert!(text.starts_with(begin) && text.ends_with(NOTE), "{text}");
    assert_eq!(Receipt::parse(&text), Ok(proof.clone()));
    let key = VerifierKey::parse(KEY).expect("a key");
    assert_eq!(proof.verify(&[key]), Err(ProofError::OpeningMissing));
}

#[test]
fn heads_and_keys_have_the_bytes_of_other_packages() {
    let key = SignerKey::from_seed(ORIGIN, [7; 32]).expect("a key");
    assert_eq!(key.verifier_key().to_string(), KEY);
    let head = Checkpoint {
        origin: ORIGIN.into(),
        size: 1_000,
        root: Hash::from_hex(ROOT_OF_1000).expect("a hash"),
    };
    let note = head.sign(&[key]).expect("a note");
    assert_eq!(note.to_string(), NOTE);
    let read = SignedNote::parse(NOTE).expect("a note");
    assert_eq!(Checkpoint::verify(&read, &[VerifierKey::parse(KEY).expect("a key")]), Ok(head));
}

#[test]
fn a_head_is_verified_by_any_of_its_keys_and_by_no_other() {
    let [one, two, other] = [1, 2, 3].map(|seed| SignerKey::from_seed(ORIGIN, [seed; 32]).expect("a key"));
    let head = Checkpoint { origin: ORIGIN.into(), size: 0, root: Hash::EMPTY_ROOT };
    let note = head.sign(&[one.clone(), two.clone()]).expect("a note");
    let read = SignedNote::parse(&note.to_string()).expect("a note");
    for key in [&one, &two] {
        assert_eq!(Checkpoint::verify(&read, &[key.verifier_key()]), Ok(head.clone()));
    }
    let refused = Checkpoint::verify(&read, &[other.verifier_key()]);
    assert_eq!(refused.map_err(|error| error.code()), Err("NOT_SIGNED_BY_KEY"));
    assert_eq!(Checkpoint::verify(&read, &[other.verifier_key(), one.verifier_key()]), Ok(head.clone()));
    let elsewhere = SignerKey::from_seed("another.example/log", [1; 32]).expect("a key");
    assert_eq!(
        head.sign(std::slice::from_ref(&elsewhere)).map_err(|error| error.code()),
        Err("OTHER_ORIGIN")
    );
    let refused = Checkpoint::verify(&read, &[elsewhere.verifier_key()]);
    assert_eq!(refused.map_err(|error| error.code()), Err("OTHER_ORIGIN"));
    let changed = SignedNote::parse(&note.to_string().replacen("\n0\n", "\n1\n", 1)).expect("a note");
    let refused = Checkpoint::verify(&changed, &[one.verifier_key()]);
    assert_eq!(refused, Err(ProofError::SignatureInvalid));
}

#[test]
fn weak_keys_and_malformed_ones_are_refused() {
    // The neutral element of the curve, with which any text has a signature.
    let mut bytes = [0_u8; 33];
    (bytes[0], bytes[1]) = (1, 1);
    let id = Hash::of(&[b"weak.example", b"\n", &bytes]).0;
    let digits: String = id[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    let text = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, bytes);
    assert_eq!(VerifierKey::parse(&format!("weak.example+{digits}+{text}")), Err(ProofError::WeakKey));
    let other_id = KEY.replace("6d510887", "6d510888");
    for bad in ["", "w4r.example", "w4r.example+6d510887", &other_id, &KEY.replace("+A", "+B"), &KEY[..60]] {
        assert_eq!(VerifierKey::parse(bad), Err(ProofError::KeyInvalid), "{bad}");
    }
    for name in ["", "two words", "a+b"] {
        assert_eq!(SignerKey::from_seed(name, [7; 32]).err(), Some(ProofError::KeyInvalid), "{name}");
    }
    assert_eq!(SignerKey::from_pkcs8_pem(ORIGIN, "no key").err(), Some(ProofError::KeyInvalid));
}

#[test]
fn the_key_of_a_pem_file_is_read() {
    // The private key of the tests in RFC 8410.
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let key = SignerKey::from_pkcs8_pem(ORIGIN, pem).expect("a key");
    let text = key.verifier_key().to_string();
    // The public key of that private key, behind the byte of the algorithm.
    let public = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
    let bytes = [&[1][..], &Hash::from_hex(public).expect("a hash").0].concat();
    let expected = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, bytes);
    assert!(text.ends_with(&format!("+{expected}")), "{text}");
    assert_eq!(VerifierKey::parse(&text), Ok(key.verifier_key()));
    assert_eq!(format!("{key:?}"), format!("SignerKey({})", key.verifier_key().label()));
}

#[test]
fn what_lies_beyond_the_log_is_said_and_never_panics() {
    let (hash, code) = (Hash::EMPTY_ROOT, |error: ProofError| error.code());
    for (index, size) in [(0, 0), (5, 5), (u64::MAX, u64::MAX), (u64::MAX - 1, u64::MAX)] {
        assert_eq!(ProofPlan::inclusion(index, size).map_err(code), Err("INDEX_BEYOND_LOG"));
        assert_eq!(verify_inclusion(hash, index, &[], size, hash).map_err(code), Err("INDEX_BEYOND_LOG"));
    }
    for (from, to, expected) in [
        (0, 0, "SIZE_ZERO"),
        (0, 5, "SIZE_ZERO"),
        (6, 5, "SIZE_BEYOND_LOG"),
        (1, u64::MAX, "SIZE_BEYOND_LOG"),
        (u64::MAX, u64::MAX, "SIZE_BEYOND_LOG"),
    ] {
        assert_eq!(ProofPlan::consistency(from, to).map_err(code), Err(expected));
        assert_eq!(verify_consistency((from, hash), (to, hash), &[]).map_err(code), Err(expected));
    }
    assert_eq!(ProofPlan::root(0), Err(ProofError::SizeZero));
    assert_eq!(verify_inclusion(hash, 0, &[hash], 1, hash), Err(ProofError::LeafNotInLog), "too long");
    assert_eq!(verify_consistency((2, hash), (3, hash), &[]), Err(ProofError::NotConsistent), "too short");
}

#[test]
fn a_later_head_extends_an_earlier_one_or_not() {
    let key = SignerKey::from_seed(ORIGIN, [7; 32]).expect("a key");
    let (leaves, keys) = (text_leaves(10), [key.verifier_key()]);
    let head = |leaves: &[Hash]| Checkpoint {
        origin: ORIGIN.into(),
        size: leaves.len() as u64,
        root: naive_root(leaves),
    };
    let (earlier, later) = (head(&leaves[..3]), head(&leaves));
    let hashes = Stored::of(&leaves).hashes(&ProofPlan::consistency(3, 10).expect("a plan"));
    let note = later.sign(std::slice::from_ref(&key)).expect("a note");
    let file = ConsistencyFile { from: 3, hashes, checkpoint: Some(note.clone()) };
    let read = ConsistencyFile::parse(&file.to_string()).expect("a file");
    assert_eq!(read.verify(&earlier, None, &keys), Ok(later.clone()));
    let without = ConsistencyFile { checkpoint: None, ..file.clone() };
    let read = ConsistencyFile::parse(&without.to_string()).expect("a file");
    assert_eq!(read.verify(&earlier, Some(&note), &keys), Ok(later));
    assert_eq!(read.verify(&earlier, None, &keys).map_err(|error| error.code()), Err("MALFORMED"));
    let mut changed = leaves.clone();
    changed[1] = leaves[2];
    assert_eq!(file.verify(&head(&changed[..3]), None, &keys), Err(ProofError::NotConsistent));
    assert_eq!(file.verify(&head(&leaves[..4]), None, &keys), Err(ProofError::NotConsistent));
    let elsewhere = Checkpoint { origin: "another.example/log".into(), ..earlier };
    assert_eq!(file.verify(&elsewhere, None, &keys).map_err(|error| error.code()), Err("OTHER_ORIGIN"));
}

#[test]
fn an_opening_in_another_form_is_refused() {
    let line = |text: &str| [&[0; 32][..], text.as_bytes()].concat();
    let good = String::from_utf8(revision(1).opening([0; 32]).expect("a line")[32..].to_vec()).expect("text");
    assert_eq!(LoggedRevision::of_opening(&line(&good)), Ok(revision(1)));
    for bad in [
        good.replace(":12", ": 12"),
        good.replace(":12", ":12.0"),
        good.replace("{\"edition\"", "{\"edition\":2020,\"edition\""),
        good.replace("report-revision.v1", "report-revision.v2"),
        String::new(),
        "[]".to_owned(),
    ] {
        assert_ne!(bad, good);
        assert_eq!(LoggedRevision::of_opening(&line(&bad)), Err(ProofError::LineInvalid), "{bad}");
    }
    assert_eq!(LoggedRevision::of_opening(&[0; 31]), Err(ProofError::LineInvalid));
}

#[test]
fn each_refusal_is_a_sentence_of_one_line() {
    let refusals = [
        ProofError::Malformed { line: 2, expected: "a line" },
        ProofError::IndexBeyondLog { index: 5, size: 5 },
        ProofError::SizeBeyondLog { from: 6, to: 5 },
        ProofError::SizeZero,
        ProofError::OtherOrigin { found: "a".into(), expected: "b".into() },
        ProofError::NotSignedByKey { key: "a".into() },
        ProofError::SignatureInvalid,
        ProofError::WeakKey,
        ProofError::KeyInvalid,
        ProofError::LeafNotInLog,
        ProofError::NotConsistent,
        ProofError::OpeningMissing,
        ProofError::LineInvalid,
    ];
    let codes: std::collections::BTreeSet<_> = refusals.iter().map(ProofError::code).collect();
    assert_eq!(codes.len(), refusals.len());
    assert!(refusals.iter().all(|refused| !refused.to_string().contains('\n')));
}
