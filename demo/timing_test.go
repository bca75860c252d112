package demo_test

import (
	"testing"
	"time"

	"xunfang/demo"
	"xunfang/station"
	"xunfang/store"
	"xunfang/store/testdb"
)

func TestTiming(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		d, err := station.Read(demo.Station(), station.Options{Demo: true})
		if err != nil {
			t.Fatal(err)
		}
		at := time.Now()
		g := demo.Grow(d, 90000, 1)
		t.Log("grow", time.Since(at), len(g.Homes), len(g.People), len(g.Buildings))
		for range 2 {
			at = time.Now()
			r, err := s.Import(t.Context(), g, time.Now())
			t.Log(time.Since(at), err)
			t.Log("\n" + r.String())
		}
	})
}
