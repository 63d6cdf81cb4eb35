use super::*;

fn finds(typed: &str, text: &str) -> bool {
    let searched = search_text(text);
    search_words(typed).iter().all(|word| searched.contains(word.as_str()))
}

#[test]
fn letters_with_a_stroke_and_their_plain_letters_find_each_other() {
    for (plain, text) in [
        ("lodz", "Łódź"),
        ("zolc", "Żółć"),
        ("lucja", "Łucja"),
        ("da nang", "Đà Nẵng"),
        ("dang thi dao", "Đặng Thị Đào"),
        ("ostergard", "Østergård"),
        ("tromso", "Tromsø"),
        ("strasse", "Straße"),
        ("sacre-coeur", "Sacré-Cœur"),
        ("isik", "Işık"),
        ("IĞDIR", "Iğdır"),
        ("diyarbakir", "Diyarbakır"),
        ("ΠΑΤΡΑΣ", "Πάτρας"),
        ("aeroskobing", "Ærøskøbing"),
        ("hal qormi", "Ħal Qormi"),
        ("malaga", "Málaga"),
        ("sao tome", "São Tomé"),
        ("istanbul", "İSTANBUL"),
        ("قران", "قُرَان"),
        ("カナダ", "かなだ"),
        ("১২৩", "123"),
    ] {
        assert!(finds(plain, text), "{plain} in {text}");
        assert!(finds(text, plain), "{text} in {plain}");
    }
}

#[test]
fn vowel_signs_are_letters() {
    for (typed, text) in [
        ("รัง", "รุ้ง"),
        ("सीता", "सती"),
        ("सती", "सीता"),
        ("কমলা", "কমল"),
        ("மலரி", "மலர"),
        ("ကိ", "ကာ"),
        ("កិ", "កា"),
        ("ນີ", "ນາ"),
        ("й", "и"),
    ] {
        assert!(!finds(typed, text), "{typed} in {text}");
    }
    assert!(finds("รุ้ง", "รุ้ง") && finds("सीता", "श्रीमती सीता देवी"));
}

#[test]
fn apostrophes_and_hyphens_of_all_keyboards_are_alike() {
    for (typed, text) in [
        ("d'ecriture", "Soirée d’écriture"),
        ("l’amitié", "Soirée de l'amitié"),
        ("l'ecriture", "Soirée de l’écriture"),
        ("Q'eqchi'", "Maya Q’eqchiʼ letters"),
        ("Qeqchi", "Maya Q’eqchiʼ letters"),
        ("saint-denis", "Saint\u{2011}Denis"),
        ("saint denis", "Saint-Denis"),
        ("saint-denis", "Saint Denis"),
        ("saintdenis", "Saint-Denis"),
        ("paral·lel", "Paraŀlel"),
        ("hawaii", "Hawaiʻi"),
        ("kiev/kyiv", "Kyiv, Kiev"),
        ("co\u{AD}operate", "cooperate"),
    ] {
        assert!(finds(typed, text), "{typed} in {text}");
    }
    assert!(!finds("saint martin", "Saint-Denis"));
}

#[test]
fn what_weighs_like_two_letters_is_found_by_them() {
    for (character, letters) in
        [("æ", "ae"), ("œ", "oe"), ("ß", "ss"), ("װ", "וו"), ("ꜳ", "aa"), ("ﬃ", "ffi")]
    {
        assert_eq!(search_text(character), letters);
    }
}

#[test]
fn punctuation_alone_is_no_word() {
    assert_eq!(search_words(" – '…! "), Vec::<String>::new());
    assert_eq!(search_text("Rung (Canada): “Write!”"), "rung canada write");
}

/// The forms are stored: if they change with a version of the data, [`crate::text::STORED_FORMS`] has to change, so
/// that every database makes them anew.
#[test]
fn a_change_of_the_stored_forms_changes_their_version() {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for character in ('\0'..='\u{2FFF}').chain('\u{A000}'..='\u{ABFF}') {
        let text = character.to_string();
        hash.update(format!("{character}\t{}\t{}\n", search_text(&text), nfkc_casefold(&text)));
    }
    let hash: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((crate::text::STORED_FORMS, hash.as_str()), ("1, Unicode 18, CLDR 49", "d2957db26f83ab50"));
}
