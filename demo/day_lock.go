package demo

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"xunfang/models"
)

const (
	tipTime   = 5 * time.Second // from the button to the answer: the photo and the tip
	lockTip   = "售楼部门口有两个人在撬自行车锁，往北门方向跑了。"
	lockWhere = "他们拐进了北门旁边的巷子，一个穿灰色外套。"
)

type lockState struct {
	ID         models.ID  `json:"id"`
	State      string     `json:"state"`
	Category   string     `json:"category"`
	ReceivedAt time.Time  `json:"received_at"`
	ExpectedAt *time.Time `json:"expected_at"`
	Unread     int        `json:"unread_messages"`
	Answer     *string    `json:"answer"`
	Steps      []struct {
		Note *string `json:"note"`
	} `json:"steps"`
}

// stopLockThieves is what happened at the station in June 2019: somebody at a sales office sees a bicycle lock being forced, and
// tells it in seconds; who is near and on duty comes, the station answers, and later says thank you.
func (d *day) stopLockThieves(ctx context.Context) {
	now, round := time.Now(), d.newID()
	got := d.call(ctx, d.car.leader, http.MethodPost, "/v1/rounds", map[string]any{
		"id": round, "squad_id": d.car.squad.ID, "started_at": wireTime(now),
	})
	place := d.compound.Centre
	near := models.Position{Lat: place.Lat + 0.004, Lng: place.Lng} // 445 m to the north
	d.appear(ctx, d.car.leader, near, words{"在岗的车辆在售楼部以北约 445 米", "a car on duty is 445 m from the sales office"})
	if got.status != http.StatusCreated {
		d.prove(d.car.leader, "POST /v1/rounds", got, http.StatusCreated, false, words{"车巡没有开始", "the car is not on duty"})
	}
	listening, stop := context.WithTimeout(ctx, pushTime)
	defer stop()
	heard := d.listen(listening, d.car.leader)
	tip := d.seeLockForced(ctx)
	if d.askedOfLock(ctx, tip) { // the demo was played a moment ago
		got = d.call(ctx, d.car.leader, http.MethodGet, "/v1/tips/"+string(tip)+"/call", nil)
		d.prove(d.car.leader, "GET /v1/tips/{id}/call", got, http.StatusNotFound, true,
			words{"刚为同一地点请求过的人不再重复请求", "who was asked about the same place a moment ago is not asked again"})
	} else {
		d.comeToHelp(ctx, tip, hear(heard, string(tip)))
	}
	d.talkOfLock(ctx, tip)
	before := d.earned(ctx)
	for _, step := range [][2]string{{"investigating", "已拦下一人，正在核实。"}, {"resolved", "一名嫌疑人被抓获，自行车已归还车主，谢谢您！"}} {
		got = d.post(ctx, d.officer, "/v1/tips/"+string(tip)+"/transitions", map[string]string{"state": step[0], "note": step[1]})
	}
	d.prove(d.officer, "POST /v1/tips/{id}/transitions", got, http.StatusOK, into[lockState](got).State == "resolved",
		words{"抓获一人，民警办结并答复", "one is caught; the officer answers and resolves it"})
	got = d.call(ctx, d.seller, http.MethodGet, "/v1/me/points", nil)
	entry := earnedBy(got, tip)
	d.prove(d.seller, "GET /v1/me/points", got, http.StatusOK,
		into[pointState](got).Points-before == entry.Points && (entry.Points == 10 || entry.Capped),
		words{"线索属实，提供人得到积分", bracket("the tip was right: its reporter has points for it", entry.Points)})
	d.commend(ctx, tip)
	d.reward(ctx, tip)
	ended := map[string]any{"state": "completed", "ended_at": wireTime(time.Now())}
	got = d.post(ctx, d.car.leader, "/v1/rounds/"+string(round)+"/finish", ended)
	if got.status != http.StatusOK {
		d.prove(d.car.leader, rounds+"finish", got, http.StatusOK, false, words{"车巡没有结束", "the round could not be finished"})
	}
}

// seeLockForced sends the tip with its photo and place, and times it.
func (d *day) seeLockForced(ctx context.Context) models.ID {
	photo, err := photoWithPlace()
	if err != nil {
		d.line(false, d.seller.name, "POST /v1/media", "-", words{"照片没有生成", "the photo could not be made"})
	}
	pressed, id := time.Now(), d.newID()
	media := into[tipState](d.upload(ctx, d.seller, photo)).ID
	got := d.call(ctx, d.seller, http.MethodPost, "/v1/tips", map[string]any{
		"id": id, "category": models.CategoryCrime, "description": lockTip, "position": position(d.compound.Centre),
		"media_ids": []models.ID{media},
	})
	took, sent := time.Since(pressed), into[lockState](got)
	soon := sent.ExpectedAt != nil && sent.ExpectedAt.Sub(sent.ReceivedAt) <= 5*time.Minute
	d.prove(d.seller, "POST /v1/tips", got, http.StatusCreated, sent.State == "received" && media != "" && took < tipTime && soon, words{
		fmt.Sprintf("售楼部员工看到两人撬自行车锁：附照片和位置的线索，%d 毫秒送达，5 分钟内签收", took.Milliseconds()),
		fmt.Sprintf("somebody at a sales office sees a lock forced: a tip with photo and place, in %d ms; acknowledged in 5 min",
			took.Milliseconds()),
	})
	return id
}

// askedOfLock says whether the car was asked about the same place less than models.TipAsksAnew before a tip.
func (d *day) askedOfLock(ctx context.Context, tip models.ID) bool {
	path := "/v1/tips/"
	now := into[lockState](d.call(ctx, d.officer, http.MethodGet, path+string(tip), nil)).ReceivedAt
	for _, other := range into[page[lockState]](d.call(ctx, d.officer, http.MethodGet, "/v1/tips?limit=100", nil)).Items {
		if other.ID == tip || other.Category != models.CategoryCrime || now.Sub(other.ReceivedAt) >= models.TipAsksAnew {
			continue
		}
		if bytes.Contains(d.call(ctx, d.officer, http.MethodGet, path+string(other.ID)+"/helpers", nil).body, []byte(d.car.leader.id)) {
			return true
		}
	}
	return false
}

// comeToHelp has the nearest on duty asked and coming, with the station looking on.
func (d *day) comeToHelp(ctx context.Context, tip models.ID, event string) {
	driver, path := d.car.leader, "/v1/tips/"+string(tip)
	d.line(strings.Contains(event, string(tip)) && !strings.Contains(event, lockTip), driver.name, "GET /v1/stream", "event",
		words{"最近的在岗人员立即被请求协助", "the nearest on duty is asked at once"})
	got := d.call(ctx, driver, http.MethodGet, path+"/call", nil)
	d.prove(driver, "GET /v1/tips/{id}/call", got, http.StatusOK,
		bytes.Contains(got.body, []byte(models.CategoryCrime)) && bytes.Contains(got.body, []byte(`"lat"`)) &&
			!bytes.Contains(got.body, []byte(lockTip)) && !bytes.Contains(got.body, []byte(d.seller.id)),
		words{"只看到类别、地点和时刻，看不到是谁说的", "it sees what kind and where, and not who said so"})
	got = d.post(ctx, driver, path+"/call", map[string]string{"answer": "coming"})
	answer := into[lockState](got).Answer
	d.prove(driver, "POST /v1/tips/{id}/call", got, http.StatusOK, answer != nil && *answer == "coming",
		words{"车辆答复“前往”", "the car is coming"})
	got = d.call(ctx, d.officer, http.MethodGet, path+"/helpers", nil)
	coming := 0
	for _, helper := range into[page[struct {
		PersonID models.ID `json:"person_id"`
		Answer   *string   `json:"answer"`
	}]](got).Items {
		if helper.PersonID == driver.id && helper.Answer != nil && *helper.Answer == "coming" {
			coming++
		}
	}
	d.prove(d.officer, "GET /v1/tips/{id}/helpers", got, http.StatusOK, coming == 1,
		words{"民警看到谁在赶去", "the officer sees who is coming"})
}

// talkOfLock has the station answer and the reporter say more; neither side needs a telephone.
func (d *day) talkOfLock(ctx context.Context, tip models.ID) {
	path, note := "/v1/tips/"+string(tip), "民警和巡逻车正在赶去，请勿靠近。"
	got := d.post(ctx, d.officer, path+"/transitions", map[string]string{"state": "acknowledged", "note": note})
	if got.status == http.StatusOK {
		got = d.call(ctx, d.seller, http.MethodGet, path, nil)
	}
	seen := into[lockState](got)
	last := len(seen.Steps) - 1
	d.prove(d.seller, "GET /v1/tips/{id}", got, http.StatusOK,
		seen.State == "acknowledged" && seen.ExpectedAt != nil && last > 0 && seen.Steps[last].Note != nil && *seen.Steps[last].Note == note,
		words{"提供人看到派出所的答复，和下一步的时限", "the reporter sees the station's answer, and by when the next comes"})
	said := d.call(ctx, d.seller, http.MethodPost, path+"/messages", map[string]any{"id": d.newID(), "text": lockWhere})
	got = d.call(ctx, d.officer, http.MethodPost, path+"/messages", map[string]any{"id": d.newID(), "text": "收到，已通知车辆从北门绕过去。"})
	d.prove(d.officer, "POST /v1/tips/{id}/messages", got, http.StatusCreated, said.status == http.StatusCreated,
		words{"提供人补充去向，民警回复", "the reporter says where they went, and the officer answers"})
	got = d.call(ctx, d.seller, http.MethodGet, path+"/messages", nil)
	froms := []string{}
	for _, message := range into[page[struct {
		From string `json:"from"`
	}]](got).Items {
		froms = append(froms, message.From)
	}
	unread := into[lockState](d.call(ctx, d.seller, http.MethodGet, path, nil)).Unread
	d.prove(d.seller, "GET /v1/tips/{id}/messages", got, http.StatusOK,
		strings.Join(froms, " ") == "me station" && unread == 1 && !bytes.Contains(got.body, []byte(d.officer.id)),
		words{"对话里有一条未读，看不到是哪位民警", "the conversation has one unread, and names no officer"})
}
