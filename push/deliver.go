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
		<-s.slots
		select {
		case s.freed <- struct{}{}:
		default:
		}
	}()
	result := s.result(delivery)
	s.count(result)
	s.results <- result
}

// result makes the attempt. A panic is an outcome: one bad delivery must not stop the others, and
// repeating it would only repeat the panic.
func (s *shift) result(delivery Delivery) (result Result) {
	defer func() {
		if problem := recover(); problem != nil {
			// The value could quote what was being sent; its type and the stack cannot.
			s.config.Logger.Error("push: panic in a channel", "kind", delivery.Kind, "delivery_id", string(delivery.ID),
				"type", fmt.Sprintf("%T", problem), "stack", string(debug.Stack()))
			result = Result{Delivery: delivery, Outcome: Outcome{State: StateFailed, Reason: ReasonPanic}}
		}
	}()
	return s.settle(delivery, s.attempt(delivery))
}

func (s *shift) attempt(delivery Delivery) Outcome {
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
func (s *shift) settle(delivery Delivery, outcome Outcome) Result {
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
	if delivery.Attempt >= s.config.MaxAttempts {
		return s.giveUp(delivery, outcome, ReasonGaveUp)
	}
	at, again := NextAttempt(delivery.Attempt, outcome, now, expiresAt, s.config.Jitter())
	if !again {
		return s.giveUp(delivery, outcome, ReasonExpired)
	}
	return Result{Delivery: delivery, Outcome: outcome, NextAt: at}
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
