package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"xunfang/models"
)

// verifyPage is how many rows are looked at together: what bounds the memory.
const verifyPage = 500

// AuditProblem is what is wrong with a row of the audit.
type AuditProblem string

// What VerifyAudit can find.
const (
	AuditAltered     AuditProblem = "altered"     // the entry is not what its MAC says or its link says of it, or was put in without the key
	AuditMissing     AuditProblem = "missing"     // the chain has a gap, or its entry is gone
	AuditInserted    AuditProblem = "inserted"    // a row that no sealer or writer of ours put there
	AuditBroken      AuditProblem = "broken_link" // a link does not follow from the one before and its entry
	AuditUnlinked    AuditProblem = "unlinked"    // marked as sealed, but not in the chain; or the reverse
	AuditHeadWrong   AuditProblem = "head"        // the end of the chain is not where it was left
	AuditReasonWrong AuditProblem = "reason"      // a reason that is not the one given
)

// AuditFinding is the first problem of one station.
type AuditFinding struct {
	StationID models.ID
	Problem   AuditProblem
	Seq       int64     // place in the chain; 0 when the row stands in none
	EntryID   models.ID // "" when it cannot be told
}

// String says it in one line.
func (f AuditFinding) String() string {
	return fmt.Sprintf("station %s: %s at seq %d, entry %s", f.StationID, f.Problem, f.Seq, f.EntryID)
}

// AuditStation is the state of one station's chain. Whoever keeps Seq and Hash elsewhere
// can also show that the whole database was not replaced by an older copy.
type AuditStation struct {
	StationID models.ID
	Seq       int64
	Hash      []byte
	Waiting   int // intact entries that the sealer has not linked yet
	Late      int // those of them that wait longer than a minute: no sealer runs
	Erased    int // entries whose reason was erased, which is allowed
}

// AuditReport is what VerifyAudit saw.
type AuditReport struct {
	Stations []AuditStation
	Findings []AuditFinding // at most one a station; none: nothing was touched
}

// verifyLate is how old an unlinked entry may be; the sealer takes a second.
const verifyLate = time.Minute

// VerifyAudit reads the whole audit in pages and reports the first row of each station that was
// altered, removed or put in. It may run while entries are written and sealed. What cannot be
// seen: an entry removed before the sealer linked it, and a whole database put back to an
// earlier state. The error is about reading; what was found is in the report.
func (s *Store) VerifyAudit(ctx context.Context, now time.Time) (AuditReport, error) {
	report := AuditReport{}
	if s.config.AuditMAC == nil {
		return report, errNoMAC
	}
	stations, err := s.auditStations(ctx)
	if err != nil {
		return report, err
	}
	for _, station := range stations {
		check := auditCheck{store: s, mac: s.config.AuditMAC, now: now, state: AuditStation{StationID: station}}
		finding, err := check.run(ctx)
		if err != nil {
			return report, err
		}
		report.Stations = append(report.Stations, check.state)
		if finding != nil {
			report.Findings = append(report.Findings, *finding)
		}
	}
	return report, nil
}

// auditStations finds every station that any table of the audit names, by hopping along the keys.
func (s *Store) auditStations(ctx context.Context) ([]models.ID, error) {
	stations := []models.ID{}
	seen := map[models.ID]bool{}
	for _, table := range []string{"audit_entries", "audit_chain", "audit_heads", "audit_reasons"} {
		next := []models.ID{}
		query := s.read(ctx).Table(table).Order("station_id").Limit(1)
		for {
			if err := query.Pluck("station_id", &next).Error; err != nil {
				return nil, translate(err)
			}
			if len(next) == 0 {
				break
			}
			if !seen[next[0]] {
				seen[next[0]] = true
				stations = append(stations, next[0])
			}
			query = s.read(ctx).Table(table).Where("station_id > ?", next[0]).Order("station_id").Limit(1)
			next = []models.ID{}
		}
	}
	return stations, nil
}

// OK says whether nothing was found.
func (r AuditReport) OK() bool { return len(r.Findings) == 0 }

// String is the report for people: a line for each station, then one for each finding.
func (r AuditReport) String() string {
	text := strings.Builder{}
	for _, station := range r.Stations {
		_, _ = fmt.Fprintf(&text, "station %s: %d entries linked, head %x, %d waiting (%d of them late), %d reasons erased\n",
			station.StationID, station.Seq, station.Hash, station.Waiting, station.Late, station.Erased)
	}
	for _, finding := range r.Findings {
		_, _ = fmt.Fprintln(&text, "FOUND", finding)
	}
	if r.OK() {
		_, _ = fmt.Fprintln(&text, "the audit holds")
	}
	return text.String()
}
