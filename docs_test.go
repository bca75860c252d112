package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"xunfang/api"
	"xunfang/models"
)

// The documents are held against the program: what they show is run, what they name exists.

var updateDocs = flag.Bool("update-docs", false, "write the generated parts of the documents anew")

// fence is one fenced block of a document.
type fence struct {
	kind string // what stands behind the opening fence
	text string
}

var fencePattern = regexp.MustCompile("(?ms)^```([^\n]*)\n(.*?)^```$")

func readDoc(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func fences(text string) []fence {
	found := []fence{}
	for _, match := range fencePattern.FindAllStringSubmatch(text, -1) {
		found = append(found, fence{kind: match[1], text: match[2]})
	}
	return found
}

// documents are all of them, by path from the root.
func documents(t *testing.T) []string {
	t.Helper()
	found := []string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, paths...)
	}
	if len(found) < 12 {
		t.Fatalf("only %d documents: %v", len(found), found)
	}
	return found
}

var linkPattern = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestDocsLinksResolve(t *testing.T) {
	seen := 0
	for _, path := range documents(t) {
		for _, link := range linkPattern.FindAllStringSubmatch(fencePattern.ReplaceAllString(readDoc(t, path), ""), -1) {
			target, _, _ := strings.Cut(link[1], "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			seen++
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), target)); err != nil {
				t.Errorf("%s links to %s: %v", path, link[1], err)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d links were found", seen)
	}
}

var (
	spanPattern = regexp.MustCompile("`([^`\n]+)`")
	filePattern = regexp.MustCompile(`^[\w.-]+(/[\w.*-]+)*(\.(go|yaml|sql|sh|md|mod|json)|/)$`)
	// made are files that running the program makes, or that others bring.
	made = []string{"keys.json", "demo-accounts.json", "data/", "data/demo/", "data/demo/demo-accounts.json", "data/keys.json", "data/xunfang.db", "data/media/"}
)

func TestDocsNameFilesThatExist(t *testing.T) {
	seen := 0
	for _, path := range documents(t) {
		for _, span := range spanPattern.FindAllStringSubmatch(fencePattern.ReplaceAllString(readDoc(t, path), ""), -1) {
			if !filePattern.MatchString(span[1]) || slices.Contains(made, span[1]) {
				continue
			}
			seen++
			found, err := filepath.Glob(strings.TrimSuffix(span[1], "/"))
			if len(found) == 0 && !strings.Contains(span[1], "/") { // a noun's file, in whichever package
				found, err = filepath.Glob("*/" + span[1])
			}
			if err != nil || len(found) == 0 {
				t.Errorf("%s names %s, which does not exist", path, span[1])
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d names were found", seen)
	}
}

// TestDocsCommandLinesParse: each command line in a console block is one that the program, or make, understands.
func TestDocsCommandLinesParse(t *testing.T) {
	makefile, seen := "\n"+readDoc(t, "Makefile"), 0
	for _, path := range documents(t) {
		for _, block := range fences(readDoc(t, path)) {
			if block.kind != "console" {
				continue
			}
			for _, line := range strings.Split(strings.TrimSpace(block.text), "\n") {
				words := strings.Fields(strings.TrimPrefix(line, "go run . "))
				if strings.HasPrefix(line, "go run . ") {
					words = append([]string{"xunfang"}, words...)
				}
				switch {
				case words[0] == "make":
					if !strings.Contains(makefile, "\n"+words[1]+":") {
						t.Errorf("%s: the Makefile has no %s", path, words[1])
					}
				case words[0] == "xunfang":
					if _, err := newParser(t).Parse(words[1:]); err != nil {
						t.Errorf("%s: %s: %v", path, line, err)
					}
				default:
					continue
				}
				seen++
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d command lines were found", seen)
	}
}

func newParser(t *testing.T) *kong.Kong {
	t.Helper()
	parser, err := kong.New(&commands{}, kong.Name("xunfang"), kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

// serveFlags are the settings as `serve --help` shows them.
func serveFlags(t *testing.T) []*kong.Flag {
	t.Helper()
	for _, node := range newParser(t).Model.Children {
		if node.Name == "serve" {
			return node.Flags
		}
	}
	t.Fatal("no serve")
	return nil
}

var tablePattern = regexp.MustCompile(`(?m)^<!-- settings[^\n]*-->\n(\|[^\n]*\n)*`)

// TestDocsSettings: the tables of settings are those of the program, word for word in English.
func TestDocsSettings(t *testing.T) {
	table := strings.Builder{}
	table.WriteString("<!-- settings: checked against the program -->\n| flag | environment | default | meaning |\n|---|---|---|---|\n")
	chinese := readDoc(t, "README.zh-CN.md")
	rows := 0
	for _, setting := range serveFlags(t) {
		rows++
		fallback := setting.Default
		if fallback != "" {
			fallback = "`" + fallback + "`"
		}
		row := fmt.Sprintf("| `--%s` | `%s` | %s |", setting.Name, strings.Join(setting.Envs, " "), fallback)
		fmt.Fprintf(&table, "%s %s |\n", row, setting.Help)
		if strings.Count(chinese, row+" ") != 1 {
			t.Errorf("README.zh-CN.md needs one row %s", row)
		}
	}
	if found := strings.Count(tablePattern.FindString(chinese), "\n|"); found != rows+2 {
		t.Errorf("README.zh-CN.md has a table of %d lines, the program %d settings", found, rows)
	}
	english := readDoc(t, "README.md")
	generated(t, "README.md", tablePattern.ReplaceAllLiteralString(english, table.String()))
}

// generated compares a document with what it should be, or writes it.
func generated(t *testing.T, path, want string) {
	t.Helper()
	if *updateDocs {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil { //nolint:gosec // a document is for everybody
			t.Fatal(err)
		}
		return
	}
	if readDoc(t, path) != want {
		t.Errorf("%s is stale: go test -run %s . -update-docs", path, t.Name())
	}
}

// TestDocsErrorCodes holds docs/errors.md to models.Codes and the words of api.
func TestDocsErrorCodes(t *testing.T) {
	text := strings.Builder{}
	text.WriteString("# Error codes · 错误码\n\nGenerated from `models/errorcode.go` and `api/words.go`; `type` of a problem leads to the same page on the server.\n" +
		"Apps switch on `code`; it keeps its meaning for ever. 应用按 `code` 判断，含义永不改变。\n\n" +
		"| code | status | 标题 · title | 怎么办 · what to do |\n|---|---|---|---|\n")
	for _, info := range models.Codes {
		fmt.Fprintf(&text, "| <a id=\"%[1]s\"></a>`%[1]s` | %[2]d | %[3]s<br>%[4]s | %[5]s<br>%[6]s |\n",
			info.Code, api.Status(models.Fail(info.Code)), info.TitleZH, info.TitleEN, info.AdviceZH, info.AdviceEN)
	}
	text.WriteString("\n## Codes of fields · 字段错误码\n\nIn `errors[].code`; `errors[].want` says what would be right. 在 `errors[].code` 中，`errors[].want` 给出正确的范围或写法。\n\n" +
		"| code | 中文 | English |\n|---|---|---|\n")
	for _, code := range fieldCodes(t) {
		fmt.Fprintf(&text, "| `%s` | %s | %s |\n", code, api.FieldMessage(code, api.Chinese), api.FieldMessage(code, api.English))
	}
	generated(t, "docs/errors.md", text.String())
}

// fieldCodes reads the constants of type models.FieldCode out of the source, in their order.
func fieldCodes(t *testing.T) []models.FieldCode {
	t.Helper()
	found := []models.FieldCode{}
	for _, match := range regexp.MustCompile(`FieldCode = "(\w+)"`).FindAllStringSubmatch(readDoc(t, "models/error.go"), -1) {
		found = append(found, models.FieldCode(match[1]))
	}
	if len(found) < 15 {
		t.Fatalf("only %d field codes were found", len(found))
	}
	return found
}

// TestDocsREADMEsCorrespond: the Chinese README has the same headings, and the same blocks to paste.
func TestDocsREADMEsCorrespond(t *testing.T) {
	english, chinese := readDoc(t, "README.md"), readDoc(t, "README.zh-CN.md")
	if !slices.Equal(fences(english), fences(chinese)) {
		for at, block := range fences(english) {
			if others := fences(chinese); at >= len(others) || block != others[at] {
				t.Fatalf("README.zh-CN.md has another block %d than\n%s", at+1, block.text)
			}
		}
		t.Fatal("README.zh-CN.md has more blocks")
	}
	heading := regexp.MustCompile(`(?m)^#+ `)
	levels := heading.FindAllString(fencePattern.ReplaceAllString(english, ""), -1)
	if others := heading.FindAllString(fencePattern.ReplaceAllString(chinese, ""), -1); !slices.Equal(levels, others) {
		t.Errorf("other headings: %v and %v", levels, others)
	}
}

// TestDocsWalkthroughNames: `name()` stands for a function of the Go file named last before it.
func TestDocsWalkthroughNames(t *testing.T) {
	function := regexp.MustCompile(`^(\w+\.)?(\w+)\(\)$`)
	declared, file, seen := map[string]bool{}, "", 0
	for _, span := range spanPattern.FindAllStringSubmatch(readDoc(t, "docs/walkthrough.md"), -1) {
		if strings.HasSuffix(span[1], ".go") {
			file, declared = span[1], functions(t, span[1])
		} else if match := function.FindStringSubmatch(span[1]); match != nil {
			seen++
			if !declared[match[1]+match[2]] {
				t.Errorf("%s has no function %s", file, span[1])
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d functions were found", seen)
	}
}

// functions are those that a file declares: name, and Type.name for a method.
func functions(t *testing.T, path string) map[string]bool {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, declaration := range parsed.Decls {
		declared, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		found[declared.Name.Name] = true
		if declared.Recv == nil {
			continue
		}
		receiver := declared.Recv.List[0].Type
		if pointer, ok := receiver.(*ast.StarExpr); ok {
			receiver = pointer.X
		}
		if named, ok := receiver.(*ast.Ident); ok {
			found[named.Name+"."+declared.Name.Name] = true
		}
	}
	return found
}

// TestDocsDecisions: each decision has its parts, is short, and stands in the index.
func TestDocsDecisions(t *testing.T) {
	paths, err := filepath.Glob("docs/decisions/*.md")
	if err != nil || len(paths) < 10 {
		t.Fatalf("%d decisions, %v", len(paths), err)
	}
	index := readDoc(t, "docs/README.md")
	for _, path := range paths {
		text := readDoc(t, path)
		for _, part := range []string{"# ", "\nDate: 20", "\n**Context.** ", "\n**Decision.** ", "\n**Consequence.** "} {
			if !strings.Contains(text, part) {
				t.Errorf("%s has no %q", path, part)
			}
		}
		if count := strings.Count(text, "\n"); count > 25 {
			t.Errorf("%s has %d lines", path, count)
		}
		if !strings.Contains(index, "(decisions/"+filepath.Base(path)+")") {
			t.Errorf("docs/README.md does not list %s", path)
		}
	}
}

// TestDocsGlossary: every role and every state of the contract's words has its place in the glossary.
func TestDocsGlossary(t *testing.T) {
	glossary := readDoc(t, "docs/glossary.md")
	for _, role := range models.AllRoles {
		if !strings.Contains(glossary, "`"+string(role)+"`") {
			t.Errorf("docs/glossary.md does not explain the role %s", role)
		}
	}
}

// TestDocsMetrics: the metrics that the READMEs want watched are served under these names.
func TestDocsMetrics(t *testing.T) {
	source := readDoc(t, "metrics.go") + readDoc(t, "api/metrics.go")
	names := regexp.MustCompile("`xunfang_(\\w+)`").FindAllStringSubmatch(readDoc(t, "README.md"), -1)
	for _, name := range names {
		if !strings.Contains(source, `"xunfang_`+name[1]+`"`) && !strings.Contains(source, `gauge("`+name[1]+`"`) {
			t.Errorf("README.md names the metric xunfang_%s, which is not served", name[1])
		}
		if !strings.Contains(readDoc(t, "README.zh-CN.md"), name[0]) {
			t.Errorf("README.zh-CN.md does not name %s", name[0])
		}
	}
	if len(names) < 5 {
		t.Errorf("only %d metrics were found", len(names))
	}
}
