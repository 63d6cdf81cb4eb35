//! The import graph of a crate, read from its sources: which file uses items of which file.
//!
//! An edge leads to the file that defines the item. A re-export (`pub use`) and the declaration of a module are no
//! edges: a path is followed through re-exports. Code that is compiled for unit tests only is left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// A module by its names from the root of the crate.
type Module = Vec<String>;

/// One module that has a file of its own.
struct Source {
    code: String,
    /// Paths that this module imports: the name it gives them, the path, and whether others see it.
    imports: Vec<Import>,
}

struct Import {
    name: String,
    path: Vec<String>,
    is_public: bool,
}

/// Every file of the crate at `src` with the files that it imports items of.
pub fn graph(src: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut files = BTreeMap::new();
    let mut test_only = BTreeSet::new();
    collect(src, &mut vec![], &mut files, &mut test_only);
    let is_test = |module: &Module| (1..=module.len()).any(|length| test_only.contains(&module[..length]));
    let sources: BTreeMap<Module, Source> = files
        .iter()
        .filter(|(module, _)| !is_test(module))
        .map(|(module, (_, code))| (module.clone(), Source { code: code.clone(), imports: imports(code) }))
        .collect();
    let name =
        |module: &Module| files[module].0.strip_prefix(src).expect("below the root").display().to_string();
    sources
        .iter()
        .map(|(module, source)| {
            let targets = targets(module, source, &sources);
            (name(module), targets.iter().filter(|target| *target != module).map(&name).collect())
        })
        .collect()
}

/// Groups of files that import each other, directly or through others.
pub fn circles(graph: &BTreeMap<String, BTreeSet<String>>) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        graph.keys().map(|file| (file, reachable(graph, file))).collect();
    let mut circles: Vec<BTreeSet<String>> = graph
        .keys()
        .filter(|file| reached[file].contains(file))
        .map(|file| {
            let with = reached[file].iter().filter(|other| reached[*other].contains(file));
            with.map(|other| (*other).clone()).collect()
        })
        .collect();
    circles.sort();
    circles.dedup();
    circles
}

fn reachable<'g>(graph: &'g BTreeMap<String, BTreeSet<String>>, from: &String) -> BTreeSet<&'g String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&String> = graph[from].iter().collect();
    while let Some(file) = open.pop() {
        if found.insert(file) {
            open.extend(&graph[file]);
        }
    }
    found
}

/// The files below `folder` by module, without the code for unit tests, and which modules are for those alone.
fn collect(
    folder: &Path,
    module: &mut Module,
    files: &mut BTreeMap<Module, (PathBuf, String)>,
    test_only: &mut BTreeSet<Module>,
) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry of the folder").path();
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        let is_root = is_source && module.is_empty() && stem == "lib";
        if !path.is_dir() && (!is_source || (module.is_empty() && stem == "main")) {
            continue;
        }
        if !is_root {
            module.push(stem);
        }
        if path.is_dir() {
            collect(&path, module, files, test_only);
        } else {
            let (code, tests) = without_tests(&fs::read_to_string(&path).expect("a source file"));
            for name in tests {
                test_only.insert(module.iter().cloned().chain([name]).collect());
            }
            files.insert(module.clone(), (path, code));
        }
        if !is_root {
            module.pop();
        }
    }
}

/// The code without comments and inline test modules, and the names of test modules in files of their own.
fn without_tests(text: &str) -> (String, Vec<String>) {
    let mut code = String::new();
    let mut tests = vec![];
    let mut lines = text.lines().map(|line| line.split("//").next().unwrap_or_default()).peekable();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            code.push_str(line);
            code.push('\n');
            continue;
        }
        let item = lines.next().unwrap_or_default();
        let words: Vec<_> = item.split([' ', ';', '{']).collect();
        if let Some(name) = words.iter().skip_while(|word| **word != "mod").nth(1)
            && item.trim_end().ends_with(';')
        {
            tests.push((*name).to_owned());
        } else if item.trim_end().ends_with('{') {
            let indent = item.len() - item.trim_start().len();
            while lines
                .next_if(|line| line.trim() != "}" || line.len() - line.trim_start().len() != indent)
                .is_some()
            {}
            lines.next();
        }
    }
    (code, tests)
}

/// All imports of a file, each with the path it stands for.
fn imports(code: &str) -> Vec<Import> {
    let mut found = vec![];
    let mut rest = code;
    while let Some(at) = rest.find("use ") {
        let (before, from) = rest.split_at(at);
        rest = &from[4..];
        let line = before.rsplit('\n').next().unwrap_or_default().trim();
        let is_public = line.starts_with("pub");
        let is_narrowed = line.starts_with("pub(in ") && line.ends_with(')');
        if !line.is_empty() && (!is_public || line.contains(|c: char| c.is_whitespace()) && !is_narrowed) {
            continue;
        }
        let Some(end) = rest.find(';') else { break };
        let tree: String = rest[..end].split_whitespace().collect::<Vec<_>>().join(" ");
        expand(&tree, &[], &mut |path, name| {
            found.push(Import { name: name.to_owned(), path: path.to_vec(), is_public });
        });
        rest = &rest[end..];
    }
    found
}

/// Calls `each` for every path of a `use` tree.
fn expand(tree: &str, prefix: &[String], each: &mut impl FnMut(&[String], &str)) {
    let tree = tree.trim();
    if tree.is_empty() {
        return;
    }
    if let Some(open) = tree.find('{') {
        let heads = tree[..open].trim_end_matches("::").split("::").filter(|part| !part.is_empty());
        let prefix: Vec<String> =
            prefix.iter().cloned().chain(heads.map(|part| part.trim().to_owned())).collect();
        let inner = &tree[open + 1..tree.rfind('}').unwrap_or(tree.len())];
        let (mut depth, mut start) = (0, 0);
        for (at, character) in inner.char_indices() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    expand(&inner[start..at], &prefix, each);
                    start = at + 1;
                }
                _ => {}
            }
        }
        expand(&inner[start..], &prefix, each);
        return;
    }
    let (path, alias) =
        tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias.trim())));
    let mut path: Vec<String> =
        prefix.iter().cloned().chain(path.split("::").map(|part| part.trim().to_owned())).collect();
    if path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let name = alias.map(str::to_owned).or_else(|| path.last().cloned()).unwrap_or_default();
    each(&path, &name);
}

/// The modules whose items a file uses.
fn targets(module: &Module, source: &Source, sources: &BTreeMap<Module, Source>) -> BTreeSet<Module> {
    let mut found = BTreeSet::new();
    let mut modules = BTreeMap::new();
    for import in source.imports.iter().filter(|import| !import.is_public) {
        match resolve(module, &import.path, sources, 0) {
            // The module itself is not used yet: its items are, wherever the code names them.
            Some((target, true)) => drop(modules.insert(import.name.clone(), target)),
            Some((target, false)) => drop(found.insert(target)),
            None => {}
        }
    }
    for path in paths(&source.code) {
        let absolute = match modules.get(&path[0]) {
            Some(start) => ["crate".to_owned()].iter().chain(start).chain(&path[1..]).cloned().collect(),
            None => path,
        };
        if let Some((target, false)) = resolve(module, &absolute, sources, 0) {
            found.insert(target);
        }
    }
    found
}

/// Every path with `::` in the code, outside of imports.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut statement = false;
    let code: String = code
        .lines()
        .filter(|line| {
            let line = line.trim_start();
            statement |= line.starts_with("use ")
                || (line.starts_with("pub") && line.contains(" use "))
                || line.starts_with("pub use ");
            let skip = statement;
            statement &= !line.contains(';');
            !skip
        })
        .collect::<Vec<_>>()
        .join("\n");
    code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .map(|word| word.split("::").map(str::to_owned).collect::<Vec<_>>())
        .filter(|path| path.len() > 1 && path.iter().all(|part| !part.is_empty() && !part.contains(':')))
        .collect()
}

/// The module that defines what a path names, and whether the path names that module itself. `None` for other crates.
fn resolve(
    from: &Module,
    path: &[String],
    sources: &BTreeMap<Module, Source>,
    depth: usize,
) -> Option<(Module, bool)> {
    if depth > 8 {
        return None;
    }
    let (mut at, mut rest) = match path.first()?.as_str() {
        "crate" => (vec![], &path[1..]),
        "self" => (from.clone(), &path[1..]),
        "super" => (from.split_last()?.1.to_vec(), &path[1..]),
        first => {
            let child: Module = from.iter().cloned().chain([first.to_owned()]).collect();
            if !sources.contains_key(&child) {
                return None;
            }
            (from.clone(), path)
        }
    };
    while let Some((next, further)) = rest.split_first() {
        if next == "super" {
            at.pop();
        } else {
            at.push(next.clone());
            if !sources.contains_key(&at) {
                at.pop();
                break;
            }
        }
        rest = further;
    }
    let Some((item, further)) = rest.split_first() else {
        return sources.contains_key(&at).then_some((at, true));
    };
    let reexports = sources.get(&at)?.imports.iter().filter(|import| import.is_public);
    for reexport in reexports {
        if reexport.name == *item {
            let path: Vec<String> = reexport.path.iter().chain(further).cloned().collect();
            return resolve(&at, &path, sources, depth + 1).or(Some((at, false)));
        }
    }
    Some((at, false))
}
