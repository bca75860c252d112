package push

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"
)

// deliver makes one attempt and hands its result over. Its slot is free only afterwards: a database
// that cannot keep up slows the sending down.
func (s *shift) deliver(delivery Delivery) {
	defer s.under.Done()
	defer func() {
		s.underWay.Add(-1)
		s.lanes.free(delivery)
		select {
		case s.freed <- struct{}{}:
		default:
		}
	}()
	outcome := s.attempt(delivery)
	result := s.settle(delivery, outcome, s.tellCircuit(delivery, outcome))
	s.count(result)
	s.results <- result
}

// tellCircuit says whether the attempt counts.
func (s *shift) tellCircuit(delivery Delivery, outcome Outcome) bool {
	counted, before, after := s.lanes.ended(delivery, outcome, s.config.Now())
	switch {
	case before == CircuitClosed && after == CircuitOpen:
		s.config.Logger.Warn("push: a provider takes nothing; its channel waits", "kind", delivery.Kind, "last", outcome.Reason)
	case before != CircuitClosed && after == CircuitClosed:
		s.config.Logger.Info("push: a provider takes messages again", "kind", delivery.Kind)
	}
	return counted
}

// attempt makes it. A panic is an outcome: one bad delivery must not stop the others, and repeating it would only repeat the
// panic.
func (s *shift) attempt(delivery Delivery) (outcome Outcome) {
	defer func() {
		if problem := recover(); problem != nil {
			// The value could quote what was being sent; its type and the stack cannot.
			s.config.Logger.Error("push: panic in a channel", "kind", delivery.Kind, "delivery_id", string(delivery.ID),
				"type", fmt.Sprintf("%T", problem), "stack", string(debug.Stack()))
			outcome = Outcome{State: StateFailed, Reason: ReasonPanic}
		}
	}()
	if !s.config.Now().Before(delivery.Message.ExpiresAt) {
		return Outcome{State: StateFailed, Reason: ReasonExpired}
	}
	channel, ok := s.channels[delivery.Kind]
	if !ok || channel == nil {
		return Outcome{State: StateFailed, Reason: ReasonNoChannel}
	}
	bounded, cancel := context.WithTimeout(s.sending, s.config.Lease/2)
	defer cancel()
	return channel.Send(bounded, delivery.Message)
}

// settle decides what becomes of the delivery.
func (s *shift) settle(delivery Delivery, outcome Outcome, counted bool) Result {
	now, expiresAt := s.config.Now(), delivery.Message.ExpiresAt
	switch outcome.State {
	case StateSent, StateGone, StateFailed:
		return Result{Delivery: delivery, Outcome: outcome}
	case StateRetry:
	default:
		return Result{Delivery: delivery, Outcome: Outcome{State: StateFailed, Reason: ReasonBadOutcome}}
	}
	if s.sending.Err() != nil && now.Before(expiresAt) { // cut off by the end of Run: give it back at once
		return Result{Delivery: delivery, Outcome: outcome, NextAt: now}
	}
	if counted && delivery.Spent+1 >= s.config.MaxAttempts {
		return s.giveUp(delivery, outcome, ReasonGaveUp)
	}
	at, again := NextAttempt(delivery.Attempt, outcome, now, expiresAt, s.config.Jitter())
	if !again {
		return s.giveUp(delivery, outcome, ReasonExpired)
	}
	return Result{Delivery: delivery, Outcome: outcome, NextAt: at, Counted: counted}
}

func (s *shift) giveUp(delivery Delivery, last Outcome, reason string) Result {
	s.config.Logger.Warn("push: gave up", "kind", delivery.Kind, "delivery_id", string(delivery.ID),
		"alert_id", string(delivery.Message.AlertID), "attempt", delivery.Attempt,
		"reason", reason, "last", last.Reason, "expires_at", delivery.Message.ExpiresAt.Format(time.RFC3339))
	return Result{Delivery: delivery, Outcome: Outcome{State: StateFailed, Reason: reason}}
}

func (s *shift) count(result Result) {
	switch result.Outcome.State {
	case StateSent:
		s.sent.Add(1)
	case StateGone:
		s.gone.Add(1)
	case StateRetry:
		s.retried.Add(1)
		s.config.Logger.Debug("push: will be tried again", "delivery_id", string(result.Delivery.ID),
			"reason", result.Outcome.Reason, "attempt", result.Delivery.Attempt)
	default:
		s.failed.Add(1)
	}
}
