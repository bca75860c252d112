package models

// DefaultTipCategories are what every station begins with, as version 1. Whoever changes one here gives it the next
// version and keeps the old one: answers are read beside the questions of their version. None of the questions must be
// answered: a tip is to be sent in seconds, and by apps that know no questions.
func DefaultTipCategories() []TipCategory { //nolint:funlen // a table
	choices := func(triples ...string) []TipChoice {
		made := make([]TipChoice, 0, len(triples)/3)
		for at := 0; at+2 < len(triples); at += 3 {
			made = append(made, TipChoice{Code: triples[at], TextZH: triples[at+1], TextEN: triples[at+2]})
		}
		return made
	}
	people := TipQuestion{
		Key: "people", TextZH: "大约有几个人？", TextEN: "About how many people?", Type: QuestionNumber,
	}
	looks := TipQuestion{
		Key: "looks", TextZH: "有什么特征（衣着、身高、车辆、车牌）？", TextEN: "What did they look like (clothes, height, vehicle, plate)?",
		Type: QuestionText,
	}
	direction := TipQuestion{
		Key: "direction", TextZH: "往哪个方向走了？", TextEN: "Which way did they go?", Type: QuestionText,
	}
	still := TipQuestion{Key: "still_there", TextZH: "现在还在吗？", TextEN: "Are they still there?", Type: QuestionBoolean}
	return []TipCategory{
		{
			Code: CategoryCrime, Version: 1, NameZH: "正在发生的违法犯罪", NameEN: "Crime in progress", Order: 10,
			Questions: []TipQuestion{
				{Key: "hurt", TextZH: "有人受伤吗？", TextEN: "Is anybody hurt?", Type: QuestionBoolean},
				{
					Key: "weapons", TextZH: "有没有看到器械？", TextEN: "Did you see weapons or tools?", Type: QuestionMultiChoice,
					Values: choices("knife", "刀具", "Knife", "stick", "棍棒", "Stick or bar", "tools", "撬锁工具", "Tools to force locks",
						"other", "其他", "Something else", "none", "没有看到", "None seen"),
				},
				people, looks, direction,
			},
		},
		{
			Code: "suspicious_activity", Version: 1, NameZH: "可疑情况", NameEN: "Something suspicious", Order: 20,
			Questions: []TipQuestion{
				{
					Key: "what", TextZH: "是哪一类情况？", TextEN: "What kind of thing is it?", Type: QuestionChoice,
					Values: choices("loitering", "徘徊、踩点", "Loitering, looking around", "trying_doors", "拉车门、试门锁", "Trying doors or cars",
						"vehicle", "可疑车辆", "A vehicle", "object", "可疑物品", "An object", "other", "其他", "Something else"),
				},
				still, people, looks,
			},
		},
		{
			Code: "theft", Version: 1, NameZH: "盗窃", NameEN: "Theft", Order: 30,
			Questions: []TipQuestion{
				{
					Key: "stolen", TextZH: "被盗的是什么？", TextEN: "What was stolen?", Type: QuestionChoice,
					Values: choices("ebike", "电动车", "E-bike", "bicycle", "自行车", "Bicycle", "battery", "电瓶", "Battery",
						"from_car", "车内财物", "Things from a car", "from_home", "家中财物", "Things from a home", "parcel", "快递", "Parcel",
						"other", "其他", "Something else"),
				},
				{
					Key: "last_seen", TextZH: "最后一次见到它是什么时候？", TextEN: "When was it last seen?", Type: QuestionDateTime,
				},
				{Key: "locked", TextZH: "当时上锁了吗？", TextEN: "Was it locked?", Type: QuestionBoolean},
				{
					Key: "value", TextZH: "大约价值多少元？", TextEN: "About how much was it worth, in yuan?", Type: QuestionNumber,
				},
				looks,
			},
		},
		{
			Code: "dispute", Version: 1, NameZH: "纠纷", NameEN: "Dispute", Order: 40,
			Questions: []TipQuestion{
				{
					Key: "between", TextZH: "是哪一类纠纷？", TextEN: "What kind of dispute?", Type: QuestionChoice,
					Values: choices("neighbours", "邻里", "Between neighbours", "family", "家庭", "In a family", "noise", "噪声扰民", "About noise",
						"parking", "停车", "About parking", "property", "物业", "With the property company", "business", "消费、经营", "With a business",
						"other", "其他", "Something else"),
				},
				{Key: "violence", TextZH: "有没有动手？", TextEN: "Has it come to blows?", Type: QuestionBoolean},
				still, people,
			},
		},
		{
			Code: "hazard", Version: 1, NameZH: "安全隐患", NameEN: "Hazard", Public: true, Order: 50,
			Questions: []TipQuestion{
				{
					Key: "what", TextZH: "是哪一类隐患？", TextEN: "What kind of hazard?", Type: QuestionChoice,
					Values: choices("fire_exit", "消防通道堵塞", "Blocked fire exit", "charging", "电动车违规充电", "E-bike charged where it must not be",
						"manhole", "井盖缺失、破损", "Missing or broken manhole cover", "falling", "高空坠物", "Things that may fall",
						"wire", "电线裸露", "Bare wire", "gas", "燃气异味", "Smell of gas", "other", "其他", "Something else"),
				},
				{Key: "danger_now", TextZH: "现在就有危险吗？", TextEN: "Is it dangerous right now?", Type: QuestionBoolean},
			},
		},
		{
			Code: "street_lamp", Version: 1, NameZH: "路灯故障", NameEN: "Street lamp", Public: true, Order: 60,
			Questions: []TipQuestion{
				{
					Key: "fault", TextZH: "是什么故障？", TextEN: "What is wrong with it?", Type: QuestionChoice,
					Values: choices("dark", "不亮", "It is dark", "flickers", "闪烁", "It flickers", "by_day", "白天常亮", "It burns by day",
						"damaged", "灯杆损坏、倾斜", "The post is damaged or leans"),
				},
				{
					Key: "lamps", TextZH: "大约有几盏？", TextEN: "About how many lamps?", Type: QuestionNumber,
				},
				{Key: "pole", TextZH: "灯杆编号（如有）", TextEN: "Number on the post, if there is one", Type: QuestionText},
			},
		},
		{
			Code: "other", Version: 1, NameZH: "其他", NameEN: "Something else", Order: 1000,
			Questions: []TipQuestion{},
		},
	}
}
