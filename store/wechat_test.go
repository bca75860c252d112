package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

var wechatNow = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const wechatPerson = models.ID("01939c1e-8a00-7000-8000-000000000101")

// atOnce runs a function so many times at the same time, and counts how often it says yes.
func atOnce(t *testing.T, times int, once func() (bool, error)) int {
	t.Helper()
	yes, group := atomic.Int64{}, sync.WaitGroup{}
	for range times {
		group.Go(func() {
			said, err := once()
			if err != nil {
				t.Error(err)
			}
			if said {
				yes.Add(1)
			}
		})
	}
	group.Wait()
	return int(yes.Load())
}

// One consent, one message: of 64 messages at once over ten consents, ten have one.
func TestWeChatConsentsAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		const openID, template = models.Secret("open-1"), "tmpl-alert-0001"
		give := func(times int) {
			t.Helper()
			ids := make([]string, times)
			for at := range ids {
				ids[at] = template
			}
			err := s.Atomically(ctx, func(tx *store.Store) error { return tx.AddWeChatConsents(ctx, wechatPerson, ids, wechatNow) })
			if err != nil {
				t.Fatal(err)
			}
		}
		take := func(now time.Time) func() (bool, error) {
			return func() (bool, error) { return s.TakeWeChatConsent(ctx, openID, template, now) }
		}
		err := s.Atomically(ctx, func(tx *store.Store) error { return tx.BindWeChat(ctx, wechatPerson, openID, wechatNow) })
		if err != nil {
			t.Fatal(err)
		}
		give(10)
		if taken := atOnce(t, 64, take(wechatNow)); taken != 10 {
			t.Errorf("%d messages had one of 10 consents", taken)
		}
		if err := s.ReturnWeChatConsent(ctx, openID, template); err != nil {
			t.Fatal(err)
		}
		if taken := atOnce(t, 4, take(wechatNow)); taken != 1 {
			t.Errorf("%d had the one that came back", taken)
		}
		give(2 * models.MaxWeChatConsents)
		if _, consents, err := s.WeChatAccount(ctx, wechatPerson); err != nil || consents[0].Left != models.MaxWeChatConsents {
			t.Errorf("the most is %v, %v", consents, err)
		}
		for late, want := range map[time.Duration]bool{models.WeChatConsentLife - time.Millisecond: true, models.WeChatConsentLife: false} {
			if taken, err := take(wechatNow.Add(late))(); err != nil || taken != want {
				t.Errorf("after %v: %t %v", late, taken, err)
			}
		}
		if err := s.DropWeChatConsents(ctx, openID, template); err != nil {
			t.Fatal(err)
		}
		if taken, err := take(wechatNow)(); err != nil || taken {
			t.Errorf("after WeChat said that there is none: %t %v", taken, err)
		}
	})
}

func TestAccessTokenIsFetchedByOne(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, until := t.Context(), wechatNow.Add(15*time.Second)
		lease := func(version int64, now time.Time) func() (bool, error) {
			return func() (bool, error) { return s.LeaseAccessToken(ctx, "wechat:a", version, now, until) }
		}
		if won := atOnce(t, 16, lease(0, wechatNow)); won != 1 {
			t.Errorf("%d fetch at once", won)
		}
		if won, _ := lease(0, until.Add(-time.Millisecond))(); won {
			t.Error("the lease still holds")
		}
		if won, _ := lease(0, until)(); !won {
			t.Error("the lease is over")
		}
		if err := s.FreeAccessToken(ctx, "wechat:a", 0); err != nil {
			t.Fatal(err)
		}
		if won, _ := lease(0, wechatNow)(); !won {
			t.Error("after it was freed")
		}
		token := models.AccessToken{Value: "secret", ExpiresAt: wechatNow.Add(time.Hour), Version: 1}
		if err := s.KeepAccessToken(ctx, "wechat:a", token); err != nil {
			t.Fatal(err)
		}
		late := models.AccessToken{Value: "late", ExpiresAt: wechatNow.Add(time.Hour), Version: 1}
		if err := s.KeepAccessToken(ctx, "wechat:a", late); err != nil { // by whoever was too slow
			t.Fatal(err)
		}
		got, err := s.AccessToken(ctx, "wechat:a")
		if err != nil || got.Value.Reveal() != "secret" || !got.ExpiresAt.Equal(token.ExpiresAt) || got.Version != 1 {
			t.Errorf("%+v %q %v", got, got.Value.Reveal(), err)
		}
		if won, _ := lease(0, wechatNow)(); won {
			t.Error("who knows only the token before must read the new one first")
		}
	})
}
