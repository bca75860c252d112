package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"image"
	"image/jpeg"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// takeStationKey gives the site's station a key, so that tips without a name can be sent.
func (s *site) takeStationKey() {
	s.t.Helper()
	key, _, err := auth.NewStationIdentity()
	if err != nil {
		s.t.Fatal(err)
	}
	s.within(func(ctx context.Context, opened *store.Store) {
		err := opened.Atomically(ctx, func(tx *store.Store) error { return tx.PutStationKey(ctx, s.station, key.String()) })
		if err != nil {
			s.t.Fatal(err)
		}
	})
}

// story is two tips about the same thing: they are talked about, merged and resolved, and a reward is claimed on two phones at
// once. A step that a kill interrupted is repeated with its key, as an app does.
type story struct {
	first, second, message, reward models.ID
	code                           string // to claim the reward by
	step                           int
	keys                           [2]string // of the step
	wonBy                          string    // the key that got the reward
}

// move is one step of the story.
type move struct {
	who    models.Role
	path   string
	body   any
	status int
	note   func(answer)
}

func (c *crowd) moves(s *story) []move {
	tips, path, rewards := "/v1/tips/", "/v1/tips/"+string(s.first), "/v1/rewards/"+string(s.reward)
	seen := func(id models.ID) map[string]any {
		return map[string]any{"id": id, "category": "theft", "description": "有人撬自行车锁"}
	}
	return []move{
		{models.RoleVolunteer, "/v1/tips", seen(s.first), 201, func(answer) { c.ledger.tips[s.first] = true }},
		{models.RoleVolunteer, "/v1/tips", seen(s.second), 201, func(answer) { c.ledger.tips[s.second] = true }},
		{models.RoleOfficer, path + "/transitions", map[string]any{"state": "acknowledged"}, 200, nil},
		{
			models.RoleVolunteer, path + "/messages",
			map[string]any{"id": s.message, "text": "往北门跑了"},
			201,
			func(answer) { c.thanks.messages[s.message] = true },
		},
		{
			models.RoleOfficer, tips + string(s.second) + "/merges",
			map[string]any{"into_id": s.first},
			200,
			func(answer) { c.thanks.merged[s.second] = true },
		},
		{models.RoleOfficer, path + "/transitions", map[string]any{"state": "investigating"}, 200, nil},
		{
			models.RoleOfficer, path + "/transitions",
			map[string]any{"state": "resolved", "note": "已处理"},
			200,
			func(answer) { c.thanks.resolved[s.first] = true },
		},
		{
			models.RoleOfficer, "/v1/rewards", map[string]any{
				"reason": "线索属实", "shares": []any{map[string]any{"tip_id": s.first, "amount_cents": 10000}},
			}, 201, func(got answer) { s.reward = firstItem(got) },
		},
		{models.RoleCommander, rewards + "/decision", map[string]any{"decision": "approve", "reason": "同意"}, 200, nil},
		{models.RoleVolunteer, rewards + "/claim-code", nil, 201, func(got answer) { s.code = got.field("claim_code") }},
	}
}

func firstItem(got answer) models.ID {
	made := struct {
		Items []struct {
			ID models.ID `json:"id"`
		} `json:"items"`
	}{}
	if json.Unmarshal(got.body, &made) != nil || len(made.Items) == 0 {
		return ""
	}
	return made.Items[0].ID
}

// tellStory takes the story one step on.
func (c *crowd) tellStory(base string) error {
	s := &c.thanks.story
	if s.first == "" {
		s.first, s.second, s.message = newID(), newID(), newID()
	}
	if s.keys[0] == "" {
		s.keys = [2]string{string(newID()), string(newID())}
	}
	moves := c.moves(s)
	if s.step == len(moves) {
		err := c.claimTwice(base, s)
		if err == nil {
			*s = story{}
		}
		return err
	}
	next := moves[s.step]
	who := c.as(base, c.tokens[next.who])
	defer who.close()
	got, err := who.send(http.MethodPost, next.path, next.body, "Idempotency-Key", s.keys[0])
	byID := next.path == "/v1/tips" || strings.HasSuffix(next.path, "/messages")
	if err == nil && byID && got.status == http.StatusOK { // the answer was lost, what it told of was not
		got.status = http.StatusCreated
	}
	good, err := c.told(got, err, next.status, nil, "")
	if err != nil {
		return err
	}
	if !good {
		*s = story{}
		return nil // it was complained about
	}
	c.ledger.note(func() {
		if next.note != nil {
			next.note(got)
		}
	})
	s.step, s.keys = s.step+1, [2]string{}
	return nil
}

// claimTwice enters the claim code on two phones at once: one gets the money, and the other hears that it is gone.
func (c *crowd) claimTwice(base string, s *story) error {
	var tries sync.WaitGroup
	errs := make([]error, len(s.keys))
	for at, key := range s.keys {
		tries.Go(func() {
			phone := c.as(base, c.tokens[models.RoleVolunteer])
			defer phone.close()
			got, err := phone.send(http.MethodPost, "/v1/reward-claims", map[string]any{"claim_code": s.code}, "Idempotency-Key", key)
			if errs[at] = err; err == nil && got.status == http.StatusConflict {
				return
			}
			if good, _ := c.told(got, err, 201, nil, ""); good {
				c.ledger.note(func() {
					if s.wonBy != "" && s.wonBy != key {
						c.ledger.wrong = append(c.ledger.wrong, "reward "+string(s.reward)+" was claimed twice")
					}
					s.wonBy, c.thanks.claimed[s.reward] = key, true
				})
			}
		})
	}
	tries.Wait()
	return errors.Join(errs...)
}

// smallPhoto is a picture that costs little to clean.
var smallPhoto = sync.OnceValues(func() ([]byte, error) {
	made := bytes.Buffer{}
	err := jpeg.Encode(&made, image.NewGray(image.Rect(0, 0, 16, 16)), nil)
	return made.Bytes(), err
})

// upload sends a photo in two pieces. One that a kill interrupted is gone on with.
func (c *crowd) upload(who *caller) error {
	photo, err := smallPhoto()
	if err != nil {
		return err
	}
	tus := []string{"Tus-Resumable", "1.0.0"}
	if c.thanks.begun == "" {
		got, err := who.sendBytes(http.MethodPost, "/v1/uploads", nil, append(tus, "Upload-Length", strconv.Itoa(len(photo)))...)
		if good, err := c.told(got, err, 201, nil, ""); !good {
			return err
		}
		c.thanks.begun = got.header.Get("Location")
	}
	path := c.thanks.begun
	got, err := who.sendBytes(http.MethodHead, path, nil, tus...)
	if err == nil && got.status == http.StatusNotFound { // it was finished, and the answer was lost
		return c.finishUpload(who, path)
	}
	if good, err := c.told(got, err, 200, nil, ""); !good {
		return err
	}
	from, err := strconv.Atoi(got.header.Get("Upload-Offset"))
	if err != nil {
		return err
	}
	for _, until := range []int{len(photo) / 2, len(photo)} {
		if until <= from {
			continue
		}
		got, err = who.sendBytes(http.MethodPatch, path, photo[from:until],
			append(tus, "Content-Type", "application/offset+octet-stream", "Upload-Offset", strconv.Itoa(from))...)
		if good, err := c.told(got, err, 204, nil, ""); !good {
			return err
		}
		from = until
	}
	return c.finishUpload(who, path)
}

func (c *crowd) finishUpload(who *caller, path string) error {
	got, err := who.send(http.MethodPost, path+"/media", nil)
	if err == nil && got.status == http.StatusOK { // the kill came between its end and the answer
		got.status = http.StatusCreated
	}
	if good, err := c.told(got, err, 201, nil, ""); !good {
		return err
	}
	c.thanks.begun = ""
	c.ledger.note(func() { c.thanks.uploaded[models.ID(got.field("id"))] = true })
	return nil
}

// errEnough ends somebody's work for this round.
var errEnough = errors.New("enough for now")

// untold sends one tip without a name in every fourth round: each costs a slow hash. The proof is made with the site's own key, and easy, for
// work is not what is tested.
func (c *crowd) untold(who *caller) error {
	if c.thanks.rounds%4 != 1 {
		return errEnough
	}
	proof, err := c.site.keys.NewProof(rand.Reader, 1, time.Now().Add(models.ProofLife))
	if err != nil {
		return err
	}
	solution := 0
	for !models.ProofHolds(proof.Text, strconv.Itoa(solution), 1) {
		solution++
	}
	c.thanks.untold = map[string]any{
		"station_id": c.site.station, "category": "theft", "description": "有人撬锁",
		"proof": map[string]any{"challenge": proof.Text, "solution": strconv.Itoa(solution)},
	}
	got, err := who.send(http.MethodPost, "/v1/anonymous-tips", c.thanks.untold)
	if good, err := c.told(got, err, 201, nil, ""); !good {
		return err
	}
	c.ledger.note(func() { c.thanks.receipt, c.thanks.receipts = got.field("receipt"), c.thanks.receipts+1 })
	return errEnough
}

// repeatUntold sends the last round's tip without a name again when it had no answer, and has its receipt open it.
func (c *crash) repeatUntold(t *testing.T, base string) {
	t.Helper()
	thanks, who := &c.crowd.thanks, c.crowd.as(base, "")
	defer who.close()
	if thanks.untold == nil {
		return
	}
	if thanks.receipt == "" {
		got, err := who.send(http.MethodPost, "/v1/anonymous-tips", thanks.untold)
		if err != nil {
			t.Fatal(err)
		}
		if got.status != http.StatusOK && got.status != http.StatusCreated {
			t.Errorf("a tip without a name again: %d %s", got.status, got.body)
		}
		thanks.receipt, thanks.receipts = got.field("receipt"), thanks.receipts+1
		again := who.want(t, 200, "POST", "/v1/anonymous-tips", thanks.untold)
		if again.field("receipt") != thanks.receipt {
			t.Error("a tip without a name was given two receipts")
		}
	}
	opened := who.want(t, 201, "POST", "/v1/receipt-sessions", map[string]any{"receipt": thanks.receipt})
	holder := c.crowd.as(base, opened.field("access_token"))
	defer holder.close()
	if state := holder.want(t, 200, "GET", "/v1/receipt/tip", nil).field("state"); state != "received" {
		t.Errorf("a tip without a name is %q after a kill", state)
	}
	thanks.untold, thanks.receipt = nil, ""
}
