package handlers_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"xunfang/models"
)

// column is whose the object is, from the caller's point of view.
type column int

const (
	own column = iota
	sameCompound
	otherCompound
	otherStation
	missing
)

func (c column) String() string {
	return [...]string{"own", "same compound", "other compound", "other station", "missing"}[c]
}

// cells are the declared answers: roles, separated by spaces → one word for each column.
type cells map[string]string

const publicKey = "public"

func public(words string) cells { return cells{publicKey: words} }

// expected spells one row out: for every role, and "" for no token, a word for each column.
func (c cells) expected() (map[models.Role][]string, error) {
	row, words := map[models.Role][]string{}, []string{}
	for roles, line := range c {
		words = strings.Fields(line)
		if len(words) != 5 {
			return nil, fmt.Errorf("%q has not five words", line)
		}
		for _, role := range strings.Fields(roles) {
			if roles != publicKey && (!models.Role(role).Known() || row[models.Role(role)] != nil) {
				return nil, fmt.Errorf("%s is no role, or is there twice", role)
			}
			row[models.Role(role)] = words
		}
	}
	fill := func(role models.Role, word string) {
		if row[role] != nil {
			return
		}
		for _, sample := range words { // the columns that the operation has
			if sample == "~" {
				row[role] = append(row[role], "~")
			} else {
				row[role] = append(row[role], word)
			}
		}
	}
	if row[publicKey] != nil {
		for _, role := range append(slices.Clone(models.AllRoles), "") {
			row[role] = row[publicKey]
		}
		delete(row, publicKey)
		return row, nil
	}
	fill("", "401")
	for _, role := range models.AllRoles {
		fill(role, "403")
	}
	return row, nil
}

// operationOf is the operationId of a row.
func operationOf(row string) string { return strings.Fields(row)[0] }

func contractOperations(t testing.TB) map[string]*openapi3.Operation {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(contractText(t))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*openapi3.Operation{}
	for _, item := range document.Paths.Map() {
		for _, operation := range item.Operations() {
			found[operation.OperationID] = operation
		}
	}
	return found
}

// Every operation of the contract has a row and a probe, and nothing else has.
func TestMatrixKnowsEveryOperation(t *testing.T) {
	for _, complaint := range uncovered(contractOperations(t), matrix) {
		t.Error(complaint)
	}
	smaller := maps.Clone(matrix)
	delete(smaller, "openDoor")
	smaller["closeDoor"] = cells{people: "ok ~ ~ ~ ~"}
	if found := uncovered(contractOperations(t), smaller); len(found) != 2 {
		t.Errorf("the control found %q", found)
	}
}

func uncovered(operations map[string]*openapi3.Operation, rows map[string]cells) []string {
	complaints, covered := []string{}, map[string]bool{}
	for row, declared := range rows {
		operation := operations[operationOf(row)]
		covered[operationOf(row)] = true
		switch _, known := probes[row]; {
		case operation == nil:
			complaints = append(complaints, row+" is in the matrix and not in the contract")
			continue
		case !known:
			complaints = append(complaints, row+" has no probe")
		}
		open := operation.Security != nil && !slices.ContainsFunc(*operation.Security, func(one openapi3.SecurityRequirement) bool {
			_, other := one["tracker"] // a name and a password of its own, whatever the role
			return !other
		})
		if _, declaredOpen := declared[publicKey]; open != declaredOpen {
			complaints = append(complaints, row+" is public in the contract or in the matrix, and not in both")
		}
	}
	for id := range operations {
		if !covered[id] {
			complaints = append(complaints, id+" is in the contract and not in the matrix")
		}
	}
	return complaints
}

// longMatrix in the environment walks every cell on MariaDB too.
const longMatrix = "XUNFANG_TEST_LONG"

// Every operation × every role and no token × every column, over HTTP. Who is refused for their role alone, or without a token,
// is refused before the database is asked about the object: on MariaDB one such role of every row is walked, the first.
func TestMatrix(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		stage, walked := newStage(rig), 0
		stage.brief = strings.HasSuffix(t.Name(), "mysql") && os.Getenv(longMatrix) == ""
		for _, row := range slices.Sorted(maps.Keys(matrix)) {
			complaints, count := stage.walk(row, matrix[row])
			walked += count
			for _, complaint := range complaints {
				t.Error(complaint)
			}
		}
		t.Logf("%d cells walked", walked)
	})
}

// The walker must notice a wrong cell, whether the table or the program is wrong.
func TestMatrixNoticesAWrongCell(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		stage := newStage(rig)
		expect := func(name string, declared cells, want int) {
			t.Helper()
			if found, _ := stage.walk("openDoor", declared); len(found) != want {
				t.Errorf("%s: %d complaints, want %d: %q", name, len(found), want, found)
			}
		}
		right := matrix["openDoor"]
		expect("as declared", right, 0)
		expect("resident may open the neighbour's door",
			cells{"resident": "ok ok 404 404 404", "guard property officer": "ok ok 404 404 404"}, 1)
		expect("guard may open nothing", cells{"resident": "ok 404 404 404 404", "property officer": "ok ok 404 404 404"}, 5)
		expect("without a token", cells{publicKey: "ok 404 404 404 404"}, 9*5+5+3)

		probes["openDoor (telling)"] = about(telling)
		t.Cleanup(func() { delete(probes, "openDoor (telling)") })
		if found, _ := stage.walk("openDoor (telling)", right); len(found) != len(models.AllRoles)+1 {
			t.Errorf("foreign and missing can be told apart: %d complaints: %q", len(found), found)
		}

		row := models.Permissions[models.OpOpenDoor]
		before := maps.Clone(row)
		t.Cleanup(func() {
			clear(row)
			maps.Copy(row, before)
		})
		row[models.RoleResident] = models.Station // sees every door of the station: two cells
		expect("the program lets a resident open the station's doors", right, 2)
		row[models.RoleResident] = before[models.RoleResident]
		row[models.RoleAdmin] = models.Within // opens three doors, and finds none of the others
		expect("the program lets an administrator open doors", right, 5)
	})
}

// telling opens a door; the missing one is answered otherwise than a foreign one.
func telling(s *stage, who *caller, at column) asked {
	request := probes["openDoor"].ask(s, who, at)
	if at == missing {
		request.headers = []string{"Accept-Language", "en"}
	}
	return request
}

// walk asks for every cell of a row. It returns what is not as declared, and how many cells there were.
func (s *stage) walk(row string, declared cells) ([]string, int) {
	expected, err := declared.expected()
	if err != nil {
		return []string{row + ": " + err.Error()}, 0
	}
	complaints, walked, refusedBefore := []string{}, 0, false
	for _, role := range append(slices.Clone(models.AllRoles), "") {
		if closed := closedTo(expected[role]); s.brief && closed && refusedBefore {
			continue
		} else if closed {
			refusedBefore = true
		}
		found, count := s.walkRole(row, role, expected[role])
		complaints, walked = append(complaints, found...), walked+count
	}
	return complaints, walked
}

// closedTo says whether an operation is closed to a role whatever the object.
func closedTo(words []string) bool {
	return !slices.ContainsFunc(words, func(word string) bool { return word != "401" && word != "403" && word != "~" })
}

// walkRole asks for the cells of one role: first those that are to be refused, so that it shows whether
// any of them wrote something, then the others.
func (s *stage) walkRole(row string, role models.Role, words []string) (complaints []string, walked int) {
	who, requests := s.caller(role), make([]asked, len(words))
	for at, want := range words {
		if want != "~" {
			requests[at] = probes[row].ask(s, who, column(at))
			walked++
		}
	}
	changes := requests[own].method != http.MethodGet
	before, refusals := map[string]int{}, map[string]string{} // word → the answer, the same in every column
	if changes {
		before = s.rig.rows()
	}
	for at, want := range words {
		if !refused(want) {
			continue
		}
		got, answer := s.ask(row, who, requests[at])
		where := fmt.Sprintf("%s, %s, %s", row, orNobody(role), column(at))
		if got != want {
			complaints = append(complaints, fmt.Sprintf("%s: %s, declared %s: %s", where, got, want, answer.Text))
			continue
		}
		same := anonymous(answer)
		if first, met := refusals[want]; met && first != same {
			complaints = append(complaints, fmt.Sprintf("%s: answered otherwise than the columns before:\n%s\n%s", where, first, same))
		}
		refusals[want] = same
	}
	if changes && len(complaints) == 0 && !maps.Equal(before, s.rig.rows()) {
		complaints = append(complaints, fmt.Sprintf("%s, %s: refused, and something was written", row, orNobody(role)))
	}
	for at, want := range words {
		if want == "~" || refused(want) {
			continue
		}
		if got, answer := s.ask(row, who, requests[at]); got != want {
			complaints = append(complaints, fmt.Sprintf("%s, %s, %s: %s, declared %s: %s", row, orNobody(role), column(at), got, want, answer.Text))
		}
	}
	return complaints, walked
}

// refused says whether a word of the matrix stands for a status of refusal.
func refused(word string) bool { return strings.HasPrefix(word, "4") }

// caller is the holder of a role, in a session that has begun; nil for no token.
func (s *stage) caller(role models.Role) *caller {
	if role == "" {
		return nil
	}
	s.rig.token(s.rig.as(role))
	return s.rig.as(role)
}

func orNobody(role models.Role) string {
	if role == "" {
		return "no token"
	}
	return string(role)
}

var requestIDText = regexp.MustCompile(`"request_id":"[^"]*"`)

// anonymous is an answer without what differs between any two: body and headers alike.
func anonymous(answer response) string {
	header := answer.Header.Clone()
	header.Del("X-Request-Id")
	header.Del("Date")
	names := slices.Sorted(maps.Keys(header))
	lines := []string{}
	for _, name := range names {
		lines = append(lines, name+": "+strings.Join(header[name], ", "))
	}
	return strings.Join(lines, "\n") + "\n" + requestIDText.ReplaceAllString(answer.Text, `"request_id":""`)
}

// ask makes one request and says in the matrix's words what came of it.
func (s *stage) ask(row string, who *caller, asked asked) (string, response) {
	if key := probes[row].list; key != "" && who != nil {
		return s.askList(key, who, asked)
	}
	answer := s.send(who, asked)
	if asked.after != nil && answer.Status < 300 {
		if complaint := asked.after(); complaint != "" {
			return complaint, answer
		}
	}
	switch {
	case answer.Status >= 200 && answer.Status < 300 || answer.Status == http.StatusSwitchingProtocols:
		return "ok", answer
	case answer.Status == http.StatusNotFound && answer.code() != models.CodeNotFound && asked.method != http.MethodHead,
		answer.Status == http.StatusUnprocessableEntity && !slices.Equal(answer.fields(), []string{asked.field + " " + string(models.FieldNoSuch)}):
		return fmt.Sprintf("%d %s %q", answer.Status, answer.code(), answer.fields()), answer
	default:
		return fmt.Sprint(answer.Status), answer
	}
}

// askList reads a list to its end and says whether the object stands in it.
func (s *stage) askList(key string, who *caller, asked asked) (string, response) {
	path, joint := asked.path, "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	for page := path + joint + "limit=100"; ; {
		answer := s.rig.call(who, http.MethodGet, page, nil)
		if answer.Status != http.StatusOK {
			return fmt.Sprint(answer.Status), answer
		}
		for at := range answer.items() {
			if answer.id(fmt.Sprintf("items.%d.%s", at, key)) == asked.object {
				return "in", answer
			}
		}
		next := answer.text("next_cursor")
		if next == "" {
			return "-", answer
		}
		page = path + joint + "limit=100&cursor=" + next
	}
}

// send makes one request; of a stream only the head is read.
func (s *stage) send(who *caller, asked asked) response {
	if !asked.stream {
		return s.rig.call(who, asked.method, asked.path, asked.body, asked.headers...)
	}
	token := ""
	if who != nil {
		token = s.rig.token(who)
	}
	answer, err := s.rig.client.Do(s.rig.request(token, asked.method, asked.path, nil, asked.headers...))
	if err != nil {
		s.rig.t.Fatal(err)
	}
	_ = answer.Body.Close()
	return response{t: s.rig.t, Status: answer.StatusCode, Header: http.Header{}}
}
