//! Pages of a list that changes while it is read.

use super::*;

const ORDER: ListOrder = ListOrder::SectionsByCode;

fn rows(names: &[&'static str]) -> Vec<(SortKey, Uuid, &'static str)> {
    names.iter().map(|name| (SortKey::texts(ORDER, [*name]), Uuid::nil(), *name)).collect()
}

fn names(page: &Connection<&'static str>) -> Vec<&'static str> {
    page.edges.iter().map(|edge| edge.node).collect()
}

fn ask(first: Option<i32>, after: Option<String>, last: Option<i32>, before: Option<String>) -> Page {
    Page::parse(ORDER, first, after.as_deref(), last, before.as_deref()).expect("a page")
}

#[test]
fn pages_stay_right_while_rows_are_added() {
    let first = ask(Some(2), None, None, None).of(rows(&["d", "b", "a"]));
    assert_eq!(names(&first), ["a", "b"]);
    assert!(first.page_info.has_next_page && !first.page_info.has_previous_page);
    assert_eq!(first.total_count, 3);
    let after = first.page_info.end.map(|end| end.encode());
    let second = ask(Some(2), after, None, None).of(rows(&["aa", "a", "b", "c", "d", "e"]));
    assert_eq!(names(&second), ["c", "d"]);
    assert!(second.page_info.has_previous_page);
}

#[test]
fn a_list_is_read_backwards_too() {
    let all = ["a", "b", "c", "d"];
    let last = ask(None, None, Some(2), None).of(rows(&all));
    assert_eq!(names(&last), ["c", "d"]);
    assert!(last.page_info.has_previous_page && !last.page_info.has_next_page);
    let before = last.page_info.start.map(|start| start.encode());
    let earlier = ask(None, None, Some(3), before).of(rows(&all));
    assert_eq!(names(&earlier), ["a", "b"]);
    assert!(earlier.page_info.has_next_page);
}

#[test]
fn a_page_between_two_places_lies_between_them() {
    let all = rows(&["a", "b", "c", "d"]);
    let place = |name: &str| Some(Cursor::new(SortKey::texts(ORDER, [name]), Uuid::nil()).encode());
    let between = ask(None, place("a"), None, place("d")).of(all.clone());
    assert_eq!(names(&between), ["b", "c"]);
    let nothing = ask(None, place("d"), None, place("a")).of(all);
    assert!(names(&nothing).is_empty());
}

#[test]
fn a_page_of_size_zero_is_empty_and_says_whether_there_are_entries() {
    let all = ["a", "b", "c"];
    let sides = |info: &PageInfo| (info.has_previous_page, info.has_next_page, info.start.is_some());
    for (first, last, sides_of_all) in [(Some(0), None, (false, true)), (None, Some(0), (true, false))] {
        let page = ask(first, None, last, None).of(rows(&all));
        assert_eq!((names(&page).len(), page.total_count), (0, 3));
        assert_eq!(sides(&page.page_info), (sides_of_all.0, sides_of_all.1, false));
        let none = ask(first, None, last, None).of(rows(&[]));
        assert_eq!((names(&none).len(), sides(&none.page_info)), (0, (false, false, false)));
        let request = PageRequest::parse(ORDER, first, None, last, None).expect("a page");
        assert_eq!(request.limit(), 1);
        let part = request.part(request.select(rows(&all)));
        assert_eq!(sides(&part.page_info), (sides_of_all.0, sides_of_all.1, false));
        assert_eq!(sides(&request.part(rows(&[])).page_info), (false, false, false));
    }
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    for (first, after, last) in [
        (Some(101), None, None),
        (Some(-1), None, None),
        (None, None, Some(-1)),
        (None, None, Some(101)),
        (Some(1), None, Some(1)),
        (None, Some("nowhere"), None),
    ] {
        assert!(Page::parse(ORDER, first, after, last, None).is_err(), "{first:?} {after:?} {last:?}");
    }
    let of_another = Cursor::new(SortKey::ascending(ListOrder::EventsByStart, 1), Uuid::nil()).encode();
    assert!(Page::parse(ORDER, None, Some(&of_another), None, None).is_err());
    assert!(Page::parse(ORDER, None, None, None, Some(&of_another)).is_err());
    assert!(PageRequest::parse(ORDER, None, Some(&of_another), None, None).is_err());
    assert!(PageRequest::parse(ORDER, None, None, None, Some(&of_another)).is_err());
}
