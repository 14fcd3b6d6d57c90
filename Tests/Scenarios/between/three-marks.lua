-- Three processes that do nothing but pass a mark: nothing puts them into an order.
scenario "marks of three"

actor("a", function() mark "1" end)
actor("b", function() mark "2" end)
actor("c", function() mark "3" end)

expect.order("a:1", "b:2", "c:3")
