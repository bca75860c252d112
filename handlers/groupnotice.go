package handlers

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"xunfang/api"
	"xunfang/models"
)

const (
	noticeBatch = 500                        // notices of one look at what other replicas wrote
	noticeAgain = streamLook + streamOverlap // how far back each look goes: what was told already is not told again
	maxNotices  = 100                        // of one stream, whose counts it remembers
)

// noticeHint is what a stream says of a notice: counts, and nobody's name.
type noticeHint struct {
	GroupID      models.ID `json:"group_id"`
	MessageID    models.ID `json:"message_id"`
	Asked        int       `json:"asked"`
	Acknowledged int       `json:"acknowledged"`
}

// noticeLook is what a stream has told of its person's own notices.
type noticeLook struct {
	at   time.Time
	told map[models.ID]noticeHint
}

// KeepNotices tells this process's streams, until ctx ends, what was acknowledged at other replicas.
func (h *Server) KeepNotices(ctx context.Context) error {
	return h.every(ctx, streamLook, func() error { return h.SpreadNotices(ctx) })
}

// SpreadNotices looks once.
func (h *Server) SpreadNotices(ctx context.Context) error {
	if h.streams.none() {
		return nil
	}
	authors, err := h.Store.NewlyAcknowledged(ctx, h.Now().Add(-noticeAgain), noticeBatch)
	if err == nil {
		h.streams.acknowledged(authors)
	}
	return err
}

// acknowledged puts notices before the streams of their authors. Many at once are one look of each stream.
func (b *streamHub) acknowledged(authors map[models.ID]models.ID) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for message, author := range authors {
		for waiter := range b.open[author] {
			waiter.noticed(message)
			waiter.ring()
		}
	}
}

func (w *streamWaiter) noticed(messages ...models.ID) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.notices == nil {
		w.notices = map[models.ID]bool{}
	}
	for _, message := range messages {
		w.notices[message] = true
	}
}

func (w *streamWaiter) takeNotices() []models.ID {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if len(w.notices) == 0 {
		return nil
	}
	taken := slices.Collect(maps.Keys(w.notices))
	clear(w.notices)
	return taken
}

// lookAtNotices readies how many have acknowledged the person's own notices, where somebody has since the last look; at most one
// look every sentEvery. The streams of who sends look every two seconds at the latest, so that none of it stays.
func (s *streamSource) lookAtNotices(ctx context.Context) error {
	now := s.server.Now()
	if !s.notices.at.IsZero() && now.Sub(s.notices.at) < sentEvery {
		return nil
	}
	messages := s.waiter.takeNotices()
	for at, message := range messages {
		s.notices.at = now
		hint, found, err := s.countNotice(ctx, message, now)
		if err != nil {
			s.waiter.noticed(messages[at:]...) // it was interrupted, perhaps
			return err
		}
		if !found || s.notices.told[message] == hint {
			continue
		}
		data, err := json.Marshal(hint)
		if err != nil {
			return err
		}
		if s.notices.told == nil || len(s.notices.told) >= maxNotices {
			s.notices.told = map[models.ID]noticeHint{}
		}
		s.notices.told[message] = hint
		s.ready = append(s.ready, api.Event{Name: "notice", Data: data})
	}
	return nil
}

// countNotice counts as the list does; false when the notice is gone.
func (s *streamSource) countNotice(ctx context.Context, id models.ID, now time.Time) (noticeHint, bool, error) {
	message, err := s.server.Store.GroupMessage(ctx, id)
	if models.CodeOf(err) == models.CodeNotFound || err == nil && (message.Gone() || message.AuthorID != s.person) {
		return noticeHint{}, false, nil
	}
	if err != nil {
		return noticeHint{}, false, err
	}
	members, err := s.server.Store.GroupMembers(ctx, message.Place, now)
	if err != nil {
		return noticeHint{}, false, err
	}
	done, err := s.server.Store.GroupAcknowledgements(ctx, id)
	_, asked, acknowledged := models.GroupRoll(message, members, done)
	return noticeHint{GroupID: message.Place.Compound, MessageID: id, Asked: asked, Acknowledged: acknowledged}, err == nil, err
}
