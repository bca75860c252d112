package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/valyala/fasthttp"
)

const pageSize = 50 // check-ins on a page

// lists read a page of the busy checkpoint as the commander, which is recorded each time: it is
// other people's data. An empty cursor is the first page.
func (r *rig) lists(cursor string) traffic {
	return traffic{
		client: r.our, program: r.ours, proof: []byte(`"person_id":`), times: pageSize,
		prepare: func(_ int, request *fasthttp.Request) bool {
			begin(request, r.our.Addr, fasthttp.MethodGet, r.listPath("/v1/check-ins", cursor), r.station.commander.bearer)
			return true
		},
	}
}

// bareList reads the same page of the same table, and records nothing.
func (r *rig) bareList() traffic {
	return traffic{
		client: r.their, program: r.bare, proof: []byte(`"person_id":`), times: pageSize,
		prepare: func(_ int, request *fasthttp.Request) bool {
			begin(request, r.their.Addr, fasthttp.MethodGet, r.listPath("/check-ins", ""), nil)
			return true
		},
	}
}

func (r *rig) listPath(path, cursor string) string {
	path += fmt.Sprintf("?checkpoint_id=%s&limit=%d", r.station.checkpoints[busyCheckpoint].ID, pageSize)
	if cursor != "" {
		path += "&cursor=" + url.QueryEscape(cursor)
	}
	return path
}

// depths are the pages that must cost the same.
var depths = []int{1, 100, 1000}

// measureDepth times the pages of the list in turn, with one caller. Pages that the table does not have are left out.
func (r *rig) measureDepth(ctx context.Context, out io.Writer) error {
	cursors, err := r.cursors(ctx)
	if err != nil {
		return err
	}
	rounds := make([][]round, len(cursors))
	for turn := range r.asked.rounds + 1 {
		for at, cursor := range cursors {
			length := r.asked.round
			if turn == 0 {
				length = r.asked.warmUp()
			}
			made, err := r.turn(ctx, r.lists(cursor), 1, length)
			if err != nil {
				return fmt.Errorf("page %d: %w", depths[at], err)
			}
			if turn > 0 {
				rounds[at] = append(rounds[at], made)
			}
		}
	}
	return printDepths(out, r.database.kind, rounds)
}

// cursors walks the list as an app would, and notes the cursor of each of depths.
func (r *rig) cursors(ctx context.Context) ([]string, error) {
	if err := r.authorize(); err != nil {
		return nil, err
	}
	found, cursor := []string{}, ""
	for page := 1; len(found) < len(depths) && page*pageSize <= int(float64(r.asked.rows)*busyShare); page++ {
		if page == depths[len(found)] {
			found = append(found, cursor)
		}
		next, err := r.nextCursor(ctx, cursor)
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", page, err)
		}
		cursor = next
	}
	return found, nil
}

func (r *rig) nextCursor(ctx context.Context, cursor string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	sent, request, response := r.lists(cursor), &fasthttp.Request{}, &fasthttp.Response{}
	sent.prepare(0, request)
	if err := r.our.Do(request, response); err != nil {
		return "", err
	}
	var page struct {
		NextCursor *string `json:"next_cursor"`
	}
	if response.StatusCode() != http.StatusOK {
		return "", fmt.Errorf("status %d: %.300s", response.StatusCode(), response.Body())
	}
	if err := json.Unmarshal(response.Body(), &page); err != nil {
		return "", err
	}
	if page.NextCursor == nil {
		return "", errors.New("the list ended before it should")
	}
	return *page.NextCursor, nil
}
